//! The JSON schema of `show info json` and `show stat json` (draft 4).

/// The schema.
pub const SCHEMA: &str = concat!(
    r##"{"$schema":"http://json-schema.org/draft-04/schema#","title":"byway statistics","oneOf":["##,
    r##"{"title":"Info","type":"array","items":{"$ref":"#/definitions/info"}},"##,
    r##"{"title":"Stat","type":"array","items":{"type":"array","items":{"$ref":"#/definitions/stat"}}}],"definitions":{"##,
    r##""field":{"type":"object","properties":{"pos":{"type":"integer","minimum":0},"name":{"type":"string"}},"required":["pos","name"]},"##,
    r##""tags":{"type":"object","properties":{"origin":{"enum":["Metric","Status","Key","Config","Product"]},"##,
    r##""nature":{"enum":["Age","Avg","Counter","Duration","Gauge","Limit","Max","Min","Name","Output","Rate"]},"##,
    r##""scope":{"enum":["Cluster","Process","Service"]}},"required":["origin","nature","scope"]},"##,
    r##""value":{"oneOf":[{"properties":{"type":{"enum":["u32","u64"]},"value":{"type":"integer","minimum":0}}},"##,
    r##"{"properties":{"type":{"enum":["s32"]},"value":{"type":"integer"}}},"##,
    r##"{"properties":{"type":{"enum":["str"]},"value":{"type":"string"}}}],"required":["type","value"]},"##,
    r##""info":{"type":"object","properties":{"field":{"$ref":"#/definitions/field"},"processNum":{"type":"integer","minimum":1},"##,
    r##""tags":{"$ref":"#/definitions/tags"},"value":{"$ref":"#/definitions/value"}},"required":["field","processNum","tags","value"]},"##,
    r##""stat":{"type":"object","properties":{"objType":{"enum":["Frontend","Backend","Listener","Server"]},"##,
    r##""proxyId":{"type":"integer","minimum":0},"id":{"type":"integer","minimum":0},"field":{"$ref":"#/definitions/field"},"##,
    r##""processNum":{"type":"integer","minimum":1},"tags":{"$ref":"#/definitions/tags"},"value":{"$ref":"#/definitions/value"}},"##,
    r##""required":["objType","proxyId","id","field","processNum","tags","value"]}}}"##,
    "\n"
);
