//! `maintenance drain`, and all settings in one line. The drill is in `maintenance`.

use crate::maintenance::{HTML, Shop, show_info, switch};
use crate::support::client::{Client, get};
use crate::support::origin::Origin;
use crate::support::proxy::Proxy;
use crate::support::stand_in::lacks;
use crate::support::wait_until;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

#[test]
fn the_end_of_the_last_request_under_way_is_told() {
    if lacks("maintenance") {
        return;
    }
    let shop = Shop::new();
    let gate = Arc::new(AtomicBool::new(false));
    let opened = Arc::clone(&gate);
    let slow = Origin::script(move |visit| {
        while let Some(request) = visit.request()? {
            visit.record(request);
            wait_until("the gate was opened", || opened.load(Ordering::Relaxed));
            visit.wire.send(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nslow")?;
        }
        Ok(())
    });
    let config = shop.config("  maintenance drain\n").replace(&format!(":{}\n", shop.site.port), &format!(":{}\n", slow.port));
    let proxy = Proxy::start_with(Arc::clone(&shop.folder), &config, |_| ());
    let mut waiting = [Client::connect(shop.port), Client::connect(shop.port)];
    waiting.iter_mut().for_each(|client| client.send("GET /slow HTTP/1.1\r\nHost: shop\r\n\r\n"));
    slow.wait_received(2);
    switch(&proxy, "maintenance.shop=true");
    assert_eq!(get(shop.port, "/").status(), 503);
    assert!(show_info(&proxy).contains("\nMaintenance: frontend shop (2 under way)\n"), "{}", show_info(&proxy));
    let told = "Maintenance of frontend shop: no request is under way any more.";
    assert!(!shop.syslog.holds(told), "two are");
    gate.store(true, Ordering::Relaxed);
    waiting.iter_mut().for_each(|client| assert_eq!(client.response().text(), "slow"));
    shop.syslog.wait_for(told);
    assert!(show_info(&proxy).contains("\nMaintenance: frontend shop\n"), "{}", show_info(&proxy));
    switch(&proxy, "maintenance.shop=");
    shop.syslog.wait_for("Maintenance of frontend shop is off");
    assert_eq!(waiting[0].get("/").text(), "slow");
}

#[test]
fn all_settings_may_stand_in_one_line() {
    if lacks("maintenance") {
        return;
    }
    let shop = Shop::new();
    let line = "  acl closed variable(shop_closed) on\n  maintenance if closed page @DIR@/page status 500 retry-after 7 except /hook /api except-ok /up allow 127.0.0.9\n";
    let proxy = shop.start(line);
    assert_eq!(get(shop.port, "/").text(), "site");
    switch(&proxy, "shop_closed=on");
    let away = get(shop.port, "/");
    assert_eq!((away.status(), away.text().as_str(), away.value("Retry-After").as_deref()), (500, HTML, Some("7")));
    assert_eq!((get(shop.port, "/api/1").text(), get(shop.port, "/up").text()), ("site".into(), "OK\n".into()));
    let allowed = Client::connect_from(Ipv4Addr::new(127, 0, 0, 9), shop.port).get("/").text();
    assert_eq!(allowed, "site");
}

#[test]
fn the_statistics_page_is_seen_during_maintenance() {
    if lacks("maintenance") {
        return;
    }
    let shop = Shop::new();
    let proxy = shop.start("  maintenance\n  stats uri /stats\n");
    switch(&proxy, "maintenance.shop=true");
    let page = get(shop.port, "/stats");
    assert_eq!(page.status(), 200);
    assert!(page.text().contains("<b>In maintenance:</b> frontend shop"), "{}", page.text());
    assert_eq!(get(shop.port, "/").status(), 503);
}
