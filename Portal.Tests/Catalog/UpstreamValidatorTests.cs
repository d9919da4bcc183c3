using System.Text;
using Microsoft.Extensions.Configuration;
using Portal.Catalog;

namespace Portal.Tests.Catalog;

public sealed class UpstreamValidatorTests
{
    [Theory]
    [InlineData("null")]
    [InlineData("{}")] // the configuration makes no difference between the two
    [InlineData("""{"Destinations":["http://a"]}""")]
    [InlineData("""{"Destinations":["https://a:8443/base/","http://[::1]:80"],"LoadBalancing":"LeastRequests"}""")]
    [InlineData("""{"Destinations":["http://a"],"PathPrefix":"Stripped","Protocol":"Http2","ConnectTimeout":"00:00:01","ActivityTimeout":"01:00:00","Assertion":true}""")]
    [InlineData("""{"Destinations":["http://a"],"HealthChecks":{"Active":{"Path":"/"},"Passive":{"FailureRate":1}}}""")]
    public void Check_Good_FindsNothing(string upstream) => Assert.Empty(Faults(upstream));

    [Theory]
    [InlineData("""{"PathPrefix":"Kept"}""", "Catalog:Modules:1:Upstream:Destinations is empty")]
    [InlineData("""{"Destinations":["a"]}""", "Catalog:Modules:1:Upstream:Destinations:0 must be an absolute http or https address")]
    [InlineData("""{"Destinations":["/a"]}""", "Catalog:Modules:1:Upstream:Destinations:0 must")]
    [InlineData("""{"Destinations":["ftp://a"]}""", "Catalog:Modules:1:Upstream:Destinations:0 must")]
    [InlineData("""{"Destinations":["http://"]}""", "Catalog:Modules:1:Upstream:Destinations:0 must")]
    [InlineData("""{"Destinations":["http://a?x=1"]}""", "Catalog:Modules:1:Upstream:Destinations:0 must")]
    [InlineData("""{"Destinations":["http://a#x"]}""", "Catalog:Modules:1:Upstream:Destinations:0 must")]
    [InlineData("""{"Destinations":["http://a","http://user:word@b"]}""", "Catalog:Modules:1:Upstream:Destinations:1 must")]
    [InlineData("""{"Destinations":["http://a","http://b","http://A:80/"]}""", "Catalog:Modules:1:Upstream:Destinations:2 is a duplicate of Catalog:Modules:1:Upstream:Destinations:0.")]
    [InlineData("""{"Destinations":["http://a"],"PathPrefix":"7"}""", "Catalog:Modules:1:Upstream:PathPrefix must be one of Kept, Stripped.")]
    [InlineData("""{"Destinations":["http://a"],"Protocol":"7"}""", "Catalog:Modules:1:Upstream:Protocol must be one of Auto, Http1, Http2.")]
    [InlineData("""{"Destinations":["http://a"],"LoadBalancing":"7"}""", "Catalog:Modules:1:Upstream:LoadBalancing must be one of PowerOfTwoChoices, RoundRobin")]
    [InlineData("""{"Destinations":["http://a"],"ConnectTimeout":"00:00:00"}""", "Catalog:Modules:1:Upstream:ConnectTimeout must be from")]
    [InlineData("""{"Destinations":["http://a"],"ActivityTimeout":"15"}""", "Catalog:Modules:1:Upstream:ActivityTimeout must be from 0:00:00.001 to 23:00:00, written like 00:00:15")]
    [InlineData("""{"Destinations":["http://a"],"Assertion":true,"AssertionIssuer":" "}""", "Catalog:Modules:1:Upstream:AssertionIssuer must have")]
    [InlineData("""{"Destinations":["http://a"],"HealthChecks":{"Active":{"Path":"health"}}}""", "Catalog:Modules:1:Upstream:HealthChecks:Active:Path \"health\" must be a path")]
    [InlineData("""{"Destinations":["http://a"],"HealthChecks":{"Active":{"Interval":"00:00:01"}}}""", "Catalog:Modules:1:Upstream:HealthChecks:Active:Path \"\" must be a path")]
    [InlineData("""{"Destinations":["http://a"],"HealthChecks":{"Active":{"Path":"/h","Interval":"-00:00:01"}}}""", "Catalog:Modules:1:Upstream:HealthChecks:Active:Interval must")]
    [InlineData("""{"Destinations":["http://a"],"HealthChecks":{"Active":{"Path":"/h","Timeout":"1.00:00:00"}}}""", "Catalog:Modules:1:Upstream:HealthChecks:Active:Timeout must")]
    [InlineData("""{"Destinations":["http://a"],"HealthChecks":{"Active":{"Path":"/h","Failures":0}}}""", "Catalog:Modules:1:Upstream:HealthChecks:Active:Failures must be 1 to 100.")]
    [InlineData("""{"Destinations":["http://a"],"HealthChecks":{"Passive":{"FailureRate":0}}}""", "Catalog:Modules:1:Upstream:HealthChecks:Passive:FailureRate must be 0.01 to 1.")]
    [InlineData("""{"Destinations":["http://a"],"HealthChecks":{"Passive":{"FailureRate":"NaN"}}}""", "Catalog:Modules:1:Upstream:HealthChecks:Passive:FailureRate must")]
    [InlineData("""{"Destinations":["http://a"],"HealthChecks":{"Passive":{"ReactivateAfter":"00:00:09"}}}""", "Catalog:Modules:1:Upstream:HealthChecks:Passive:ReactivateAfter must be from 0:00:10 to")]
    public void Check_Wrong_NamesTheKey(string upstream, string fault)
    {
        var found = Assert.Single(Faults(upstream));
        Assert.StartsWith(fault, found, StringComparison.Ordinal);
        Assert.DoesNotContain("word", found, StringComparison.Ordinal);
    }

    private static IEnumerable<string> Faults(string upstream)
    {
        var text = """{"Catalog":{"Modules":[{"Id":"A","Name":"a","Paths":["/a"]},{"Id":"B","Name":"b","Paths":["/b"],"Upstream":""" + upstream
            + """}],"Extensions":[{"Id":"E","Name":"e","Title":"E"}]}}""";
        using var json = new MemoryStream(Encoding.UTF8.GetBytes(text));
        var options = new CatalogOptions();
        CatalogExtensions.Bind(options, new ConfigurationBuilder().AddJsonStream(json).Build());
        return new CatalogValidator().Validate(null, options).Failures ?? [];
    }
}
