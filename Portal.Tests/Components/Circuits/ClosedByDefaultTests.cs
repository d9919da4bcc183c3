using System.Reflection;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Authorization.Infrastructure;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Portal.Access;
using Portal.Authentication;
using Portal.Tests.Support;

namespace Portal.Tests.Components.Circuits;

/// <summary>Lists everything that is open to everyone; everything else needs a signed-in person or a key.</summary>
public sealed class ClosedByDefaultTests(PortalHost portal) : IClassFixture<PortalHost>
{
    private static readonly string[] OpenPages =
        ["/error", "/forgot-password", "/join", "/login", "/login/code", "/login/problem", "/new-password", "/not-found", "/setup", "/sign-in-link"];

    /// <summary>The open paths besides pages, static assets and the API, which requires a key.</summary>
    private static readonly string[] OpenPaths =
    [
        "/.well-known/jwks.json",
        "/calendar/{code}.ics", // with a secret code, for programs that can't sign in
        "/health/live", "/health/ready", "/metrics", "/openapi", "/openapi/scalar.js", "/openapi/v1.json", "/openapi/v1.yaml",
        "/login/passkey", // the challenge of a sign-in
        "/signin/{provider}/join", "/signin/{provider}/logout", "/signin/{provider}/signed-out", "/signin/{provider}/start",
        "/_blazor/disconnect/", // with the circuit's ID, which only its tab knows
        "/{**path:file}", // static assets in development
    ];

    [Fact]
    public void EveryPage_NeedsASignedInPersonOrIsNamed()
    {
        var pages = typeof(AccessControl).Assembly.GetTypes()
            .SelectMany(type => type.GetCustomAttributes<RouteAttribute>(inherit: false).Select(route => (route.Template, Type: type)))
            .ToList();
        Assert.True(pages.Count >= 11, $"only {pages.Count} pages were found");
        Assert.All(pages, page => Assert.True(page.Type.IsDefined(typeof(AuthorizeAttribute), inherit: true), $"{page.Template} says nothing about who may open it"));
        Assert.Equal(OpenPages, pages.Where(page => page.Type.IsDefined(typeof(AllowAnonymousAttribute))).Select(page => page.Template).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void EveryEndpoint_NeedsASignedInPersonOrIsNamed()
    {
        var endpoints = portal.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>().ToList();
        Assert.Contains(endpoints, endpoint => PathOf(endpoint).StartsWith("/_blazor", StringComparison.Ordinal));
        var open = endpoints
            .Where(endpoint => !PathOf(endpoint).StartsWith(ApiKeyMiddleware.BasePath, StringComparison.OrdinalIgnoreCase) && !IsStaticAsset(endpoint))
            .Where(endpoint => endpoint.Metadata.GetMetadata<IAllowAnonymous>() is not null || endpoint.Metadata.GetMetadata<IAuthorizeData>() is null)
            .Select(PathOf)
            .Distinct();
        Assert.Empty(open.Except([.. OpenPages, .. OpenPaths]));
    }

    /// <summary>An endpoint without metadata.</summary>
    [Fact]
    public async Task Endpoint_ThatSaysNothing_NeedsASignedInPerson()
    {
        var policy = await portal.Services.GetRequiredService<IAuthorizationPolicyProvider>().GetFallbackPolicyAsync();
        Assert.Contains(policy!.Requirements, requirement => requirement is DenyAnonymousAuthorizationRequirement);
    }

    private static string PathOf(RouteEndpoint endpoint) => "/" + endpoint.RoutePattern.RawText!.TrimStart('/');

    private static bool IsStaticAsset(Endpoint endpoint) => endpoint.Metadata.Any(item => item.GetType().Name == "StaticAssetDescriptor");
}
