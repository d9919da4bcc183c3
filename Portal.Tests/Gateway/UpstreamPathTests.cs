using Microsoft.Extensions.Options;
using Portal.Authentication;
using Portal.Catalog;
using Portal.Gateway;

namespace Portal.Tests.Gateway;

/// <summary>Upstreams get all of a request's target, byte for byte, or nothing.</summary>
public sealed class UpstreamPathTests
{
    public static TheoryData<string> LeadingOut { get; } =
    [
        // plain dots
        "/agreements/..", "/agreements/../billing", "/agreements/../../x", "/agreements/x/../../billing", "/agreements/./x", "/agreements/.",
        "/agreements/...", "/agreements//../billing",
        // encoded once, twice, three times
        "/agreements/%2e%2e/billing", "/agreements/.%2E/billing", "/agreements/%2E./billing", "/agreements/%252e%252e/billing",
        "/agreements/%25252e%25252e%25252fbilling", "/agreements/%25%32%65%25%32%65/billing",
        // encoded slashes
        "/agreements/..%2Fbilling", "/agreements/..%2fbilling", "/agreements/x%2F..%2F..%2Fbilling", "/agreements%2F..%2Fbilling",
        "/agreements/..%252Fbilling", "/agreements/%2F../billing", "/agreements/%2e%2e%2fbilling",
        // backslashes
        @"/agreements/..\billing", @"/agreements\..\billing", "/agreements/..%5Cbilling", "/agreements/..%5cbilling", "/agreements/..%255Cbilling",
        "/agreements/x%5C..%5C..%5Cbilling",
        // path parameters
        "/agreements/..;/billing", "/agreements/..;x=1/billing", "/agreements/;x/../billing", "/agreements/..%3B/billing", "/agreements/%2e%2e;/billing",
        "/agreements/.;./billing", "/agreements/;../billing", "/agreements/..%253b/billing", "/agreements/..;%2fbilling",
        // characters that end or hide a segment
        "/agreements/..%00/billing", "/agreements/..%20/billing", "/agreements/%20../billing", "/agreements/..%3F/billing", "/agreements/..%23/billing",
        "/agreements/..%09/billing", "/agreements/..%0d%0a/billing", "/agreements/x%0aSet-Cookie", "/agreements/x%7f",
        // overlong UTF-8, and other notations
        "/agreements/%c0%ae%c0%ae/billing", "/agreements/..%c0%afbilling", "/agreements/%c0%2e%c0%2e/billing", "/agreements/%e0%80%ae%e0%80%ae/billing",
        "/agreements/%f0%80%80%ae./billing", "/agreements/%f8%80%80%80%ae/billing", "/agreements/%25c0%25ae./billing", "/agreements/..%c1%9cbilling",
        "/agreements/%u002e%u002e/billing", "/agreements/..%u2215billing", "/agreements/%e2%80%a4%e2%80%a4/billing", "/agreements/..%e2%88%95billing", "/agreements/..%u002fbilling", "/agreements/%uff0e%uff0e/billing",
        "/agreements/%e2%80%a5/billing", "/agreements/%ef%b8%b0/billing", "/agreements/%ef%b9%92%ef%b9%92/billing", "/agreements/%e2%80%a6/billing",
        "/agreements/%u2025/billing", "/agreements/%25e2%2580%25a5/billing", "/agreements/..%e2%81%84billing", "/agreements/..%e2%a7%b8billing",
        "/agreements/.%e2%80%8b./billing", "/agreements/%ef%bc%852e%ef%bc%852e/billing", "/agreements/%25%ef%bc%92%ef%bd%85./billing", "/agreements/..%c2%a0/billing",
        "/agreements/.%20./billing", "/agreements/x%c2%85y", "/agreements/x%e2%80%a8y", "/agreements/..%255c%cc%81billing",
        "/agreements/%ef%bc%8e%ef%bc%8e/billing", "/agreements/..%ef%bc%8fbilling", "/agreements/..%ef%bc%bcbilling",
        // undecodable text
        "/agreements/%", "/agreements/%2", "/agreements/%zz", "/agreements/%2g..", "/agreements/%u00",
        // encoded too often to be legitimate
        "/agreements/%2525252525252e",
        // no path
        "/agreements/x#/../billing", "*", "agreements",
    ];

    public static TheoryData<string> Staying { get; } =
    [
        "/agreements", "/agreements/", "/agreements/AGR-1", "/agreements?x=1&y=../..", "/agreements/AGR-1?redirect=https%3A%2F%2Fx%2F..%2F",
        "/agreements/a%2Fb", "/agreements/a%2fb", "/agreements/a%252Fb", "/agreements/a%5Cb", @"/agreements/a\b", "/agreements/%41GR-1", "/agreements/%7Euser",
        "/agreements/..x", "/agreements/x..", "/agreements/.x", "/agreements/a..b/c", "/agreements/file.tar.gz", "/agreements/.well-known",
        "/agreements/a;v=1", "/agreements/a;v=1.2/b", "/agreements/a%3Bb", "/agreements//x", "/agreements/x//y", "/agreements/x/",
        "/agreements/100%25", "/agreements/%25zz", "/agreements/Z%C3%BCrich", "/agreements/%E6%9D%B1%E4%BA%AC", "/agreements/%E9", "/agreements/50%25%E3%82%AA%E3%83%95", "/agreements/%E2%80%A6x", "/agreements/%C2%BD", "/agreements/a%E2%84%80b", "/agreements/%F0%9F%91%A9%E2%80%8D%F0%9F%92%BB", "/agreements/%20x%20y",
        "/agreements/a:b@c!$&'()*+,=~_-", "/agreements/%5B1%5D", "/agreements/[1]|^", "/agreements/%EF%BC%8Ex", "/agreements/x?a=%00&b=%zz&c=%2e%2e%2f",
        "/agreements/x??y", "/%61greements/x",
    ];

    [Theory]
    [MemberData(nameof(LeadingOut))]
    public void Target_WhatCouldBeReadAsLeadingOut_BelongsToNobody(string path) =>
        Assert.Equal(PathOwner.Nobody, Read(path.StartsWith('/') ? "/public/v1" + path : path).Owner);

    [Theory]
    [MemberData(nameof(Staying))]
    public void At_Kept_IsEverythingBelowTheBasePathByteForByte(string path) => Assert.Equal("http://up:1" + path, Join("/public/v1" + path, PathPrefixRule.Kept, "http://up:1"));

    [Theory]
    [InlineData("/public/v1/agreements", "http://up/")]
    [InlineData("/public/v1/agreements/", "http://up/")]
    [InlineData("/public/v1/agreements?x=/y", "http://up/?x=/y")]
    [InlineData("/public/v1/agreements/AGR-1/a%2Fb?q=%2F", "http://up/AGR-1/a%2Fb?q=%2F")]
    [InlineData("/public/v1/%61greements/AGR-1", "http://up/AGR-1")]
    [InlineData("/public/v1/agreements/x//y", "http://up/x//y")]
    [InlineData("http://portal:5080/public/v1/agreements/AGR-1?x", "http://up/AGR-1?x")]
    public void At_Stripped_IsWhatFollowsTheModulesPath(string target, string expected) =>
        Assert.Equal(expected, Join(target, PathPrefixRule.Stripped, "http://up"));

    [Theory]
    [InlineData("/public/v1/agreements//billing/x")]
    [InlineData("/public/v1/agreements/%2Fbilling/x")]
    [InlineData("/public/v1/agreements/%252Fbilling/x")]
    [InlineData("/public/v1/agreements/%5Cbilling/x")]
    [InlineData(@"/public/v1/agreements/\billing/x")]
    [InlineData("/public/v1/agreements/%ef%bc%8fbilling/x")]
    public void At_Stripped_WhatCouldBeReadAsAHost_IsRefused(string target)
    {
        Assert.Null(new UpstreamPath(Read(target), PathPrefixRule.Stripped).At("http://up"));
        Assert.NotNull(new UpstreamPath(Read(target), PathPrefixRule.Kept).At("http://up"));
    }

    /// <summary>The final check of an address, which doesn't depend on how it was created.</summary>
    [Theory]
    [InlineData("http://up/base", "http://up/base/agreements/1", PathPrefixRule.Kept, true)]
    [InlineData("http://up/base", "http://up/base/Agreement%73?x=/../..", PathPrefixRule.Kept, true)]
    [InlineData("http://up/base", "http://up/base/billing/1", PathPrefixRule.Kept, false)]
    [InlineData("http://up/base", "http://up/base/agreementsx", PathPrefixRule.Kept, false)]
    [InlineData("http://up/base", "http://up/base/agreements%2Fx", PathPrefixRule.Kept, false)]
    [InlineData("http://up/base", "http://up/base/agreements/../billing", PathPrefixRule.Kept, false)]
    [InlineData("http://up/base", "http://up/base//agreements", PathPrefixRule.Kept, false)]
    [InlineData("http://up/base", "http://up/billing/1", PathPrefixRule.Kept, false)]
    [InlineData("http://up", "http://up@evil/agreements", PathPrefixRule.Kept, false)]
    [InlineData("http://up", "http://up?/agreements", PathPrefixRule.Kept, false)]
    [InlineData("http://up/base", "http://up/base/1", PathPrefixRule.Stripped, true)]
    [InlineData("http://up/base", "http://up/base/%2e%2e/1", PathPrefixRule.Stripped, false)]
    [InlineData("http://up/base", "http://up/base//1", PathPrefixRule.Stripped, false)]
    [InlineData("http://up/base", "http://up/basement/1", PathPrefixRule.Stripped, false)]
    public void IsBelow_Address_IsThatOfTheModule(string destination, string address, PathPrefixRule rule, bool expected) =>
        Assert.Equal(expected, UpstreamPath.IsBelow(address, destination, rule, "/agreements"));

    [Theory]
    [InlineData("http://up:1/base", "/public/v1/auth/forms/x", PathPrefixRule.Kept, "http://up:1/base/auth/forms/x")]
    [InlineData("http://up:1/base", "/public/v1/auth/forms/x", PathPrefixRule.Stripped, "http://up:1/base/x")]
    [InlineData("http://up:1/base", "/public/v1/auth/forms", PathPrefixRule.Stripped, "http://up:1/base/")]
    public void Join_DestinationWithAPath_GoesFirst(string destination, string target, PathPrefixRule rule, string expected) =>
        Assert.Equal(expected, Join(target, rule, destination, "/auth/forms"));

    [Fact]
    public void Target_LongPath_IsJudgedWhole()
    {
        var innocent = "/public/v1/agreements/%41" + new string('x', 5000);
        Assert.True(Read(innocent).Owner.Known);
        Assert.False(Read(innocent + "/..%2F").Owner.Known);
    }

    [Theory]
    [InlineData("/public/v1/agreements/a b")]
    [InlineData("/public/v1/agreements/a\r\nX: y")]
    [InlineData("/public/v1/agreements?a\r\nX: y")]
    [InlineData("/public/v1/agreements?a#b")]
    [InlineData("/public/v1/agreements/\u00fc")]
    [InlineData("")]
    public void At_WhatHttpCannotCarry_IsRefused(string target) => Assert.Null(new UpstreamPath(Read(target), PathPrefixRule.Kept).At("http://up"));

    /// <summary>The base path and the module's own prefix are interpreted in one way only, too.</summary>
    [Theory]
    [InlineData("/public/v1%2Fagreements/billing/1")]
    [InlineData("/public%2Fv1/agreements")]
    [InlineData(@"/public/v1\agreements/billing/1")]
    [InlineData("http://portal/public/v1%2Fagreements/billing/secret")]
    [InlineData(@"http://portal/public/v1\agreements/billing/1")]
    [InlineData(@"http://portal\public/v1/agreements/billing/1")]
    [InlineData("http://portal@/public/v1/agreements")]
    [InlineData("http://portal?/public/v1/agreements")]
    [InlineData("ftp://portal/public/v1/agreements")]
    [InlineData("/public/v1//agreements")]
    [InlineData("//public/v1/agreements")]
    [InlineData("/public/v1;/agreements")]
    [InlineData("/public/v1/agreements;x/1")]
    [InlineData("/public/v1/agreements./1")]
    [InlineData("/public/v1/agreements%20/1")]
    [InlineData("/public/v1/%2561greements/1")]
    [InlineData("/public/v1/agreement%c5%bf/1")] // the long s
    [InlineData("/public/v1/%ef%bd%81greements/1")]
    public void Target_WithAnotherPrefix_BelongsToNobody(string target) => Assert.False(Read(target).Owner.Known);

    private static string Join(string target, PathPrefixRule rule, string destination, string modulePath = "/agreements")
    {
        var address = new UpstreamPath(Read(target, modulePath), rule).At(destination);
        Assert.True(address is not null, "It is refused.");
        return $"{address.Scheme}://{address.Authority}{address.PathAndQuery}";
    }

    private static RequestTarget Read(string target, string modulePath = "/agreements") =>
        RequestTarget.Parse(target, ApiKeyMiddleware.BasePath, new PathOwners(new ModuleCatalog(Options.Create(new CatalogOptions
        {
            Modules = [new() { Id = "A", Name = "Agreements", Paths = [modulePath] }, new() { Id = "B", Name = "Billing", Paths = ["/billing"] }],
        }))));
}
