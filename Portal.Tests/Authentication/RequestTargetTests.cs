using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Portal.Authentication;
using Portal.Catalog;
using Portal.Tests.Support;

namespace Portal.Tests.Authentication;

/// <summary>Portal's own reading of a target, compared with the web server's.</summary>
public sealed class RequestTargetTests
{
    private static readonly PathOwners Owners = new(TestCatalog.Default);

    [Theory]
    [InlineData("/public/v1/agreements/1?x=y", "/public/v1/agreements/1", "/agreements", "/agreements/1?x=y", "/1?x=y")]
    [InlineData("/Public/V1/%61greements/a%2Fb", "/Public/V1/agreements/a%2Fb", "/agreements", "/%61greements/a%2Fb", "/a%2Fb")]
    [InlineData("http://portal/public/v1/auth/tokens", "/public/v1/auth/tokens", "/auth/tokens", "/auth/tokens", "")]
    public void Read_AsTheServerDoes_YieldsOwnerAndParts(string raw, string path, string prefix, string belowBase, string belowOwner)
    {
        var target = Read(raw, path);
        Assert.True(target.IsApi);
        Assert.Equal((prefix, belowBase, belowOwner), (target.Owner.Prefix, raw[target.BelowBase..], raw[target.BelowOwner..]));
    }

    [Theory]
    [InlineData("/public/v1/agreements/1", "/public/v1/agreements/2")]
    [InlineData("/public/v1/agreements/1", "/public/v1/billing/1")]
    [InlineData("/public/v1/agreements/1", "/login")]
    [InlineData("/login", "/public/v1/agreements/1")]
    [InlineData("/public/v1/agreements/a%2Fb", "/public/v1/agreements/a/b")]
    [InlineData("*", "/public/v1/agreements")]
    [InlineData("portal:443", "/public/v1/agreements")]
    public void Read_NotAsTheServerDoes_BelongsToNobodyAndStaysWithTheApi(string raw, string path)
    {
        var target = Read(raw, path);
        Assert.Equal((true, PathOwner.Nobody), (target.IsApi, target.Owner));
    }

    [Theory]
    [InlineData("/base/public/v1/agreements/1", "/public/v1/agreements/1", "/base")] // the server took the base off
    [InlineData("/public/v1/agreements/1", "/public/v1/agreements/1", "/base")] // a proxy did, and said so
    public void Read_MountedBelowAPath_LooksBehindIt(string raw, string path, string pathBase)
    {
        var target = Read(raw, path, pathBase);
        Assert.Equal(("/agreements", "/agreements/1"), (target.Owner.Prefix, raw[target.BelowBase..]));
    }

    [Theory]
    [InlineData("/login", "/login")]
    [InlineData("/public/v10/agreements", "/public/v10/agreements")]
    [InlineData("/public%2Fv1/agreements", "/public%2Fv1/agreements")]
    public void Read_AnotherPath_IsNotTheApi(string raw, string path) => Assert.False(Read(raw, path).IsApi);

    private static RequestTarget Read(string raw, string path, string pathBase = "")
    {
        var context = new DefaultHttpContext { Request = { Path = path, PathBase = pathBase } };
        context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget = raw;
        return RequestTarget.Read(context, Owners);
    }
}
