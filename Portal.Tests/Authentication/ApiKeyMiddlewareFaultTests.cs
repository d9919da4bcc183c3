using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Portal.Authentication;
using Portal.Catalog;
using Portal.Tests.Support;
using Portal.Tokens;

namespace Portal.Tests.Authentication;

/// <summary>Simulated failures of endpoints.</summary>
public sealed class ApiKeyMiddlewareFaultTests(PortalHost portal) : IClassFixture<PortalHost>
{
    [Fact]
    public async Task EndpointThrows_IsAnsweredWithANumberThatTheLogHas()
    {
        var key = await portal.CreateTokenAsync();
        var context = await PassAsync(key, _ => throw new InvalidTimeZoneException("words from within"));
        Assert.Equal(500, context.Response.StatusCode);
        var body = BodyOf(context);
        Assert.Contains("SRV_001", body, StringComparison.Ordinal);
        Assert.Contains(context.TraceIdentifier, body, StringComparison.Ordinal);
        Assert.DoesNotContain("words from within", body, StringComparison.Ordinal);
        Assert.Contains(context.TraceIdentifier, portal.Log.Text, StringComparison.Ordinal);
        Assert.Contains("words from within", portal.Log.Text, StringComparison.Ordinal);
        Assert.Contains("MD-0002 500 - 1", Assert.Single(await portal.CountsAsync(key.Handle)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(400)]
    [InlineData(413)]
    public async Task EndpointCannotReadTheRequest_IsBadInput(int status)
    {
        var key = await portal.CreateTokenAsync();
        var context = await PassAsync(key, _ => throw new BadHttpRequestException("internal words", status));
        Assert.Equal(status, context.Response.StatusCode);
        Assert.Contains("VAL_001", BodyOf(context), StringComparison.Ordinal);
        Assert.DoesNotContain("internal words", BodyOf(context), StringComparison.Ordinal);
        Assert.Contains($"MD-0002 {status} - 1", Assert.Single(await portal.CountsAsync(key.Handle)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(400, "VAL_001")]
    [InlineData(404, "NFND_001")]
    [InlineData(415, "VAL_001")]
    public async Task BareStatus_GetsABody(int status, string code)
    {
        var context = await PassAsync(await portal.CreateTokenAsync(), context => Answer(context, status));
        Assert.Equal(status, context.Response.StatusCode);
        Assert.Contains(code, BodyOf(context), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(200)]
    [InlineData(204)]
    [InlineData(304)]
    [InlineData(502)]
    public async Task OtherStatus_IsLeftAlone(int status)
    {
        var context = await PassAsync(await portal.CreateTokenAsync(), context => Answer(context, status));
        Assert.Equal((status, ""), (context.Response.StatusCode, BodyOf(context)));
    }

    [Fact]
    public async Task ClientLeaves_IsCountedAsThatAndLogsNothing()
    {
        var key = await portal.CreateTokenAsync();
        using var connection = new CancellationTokenSource();
        var context = await PassAsync(key, context =>
        {
            connection.Cancel();
            throw new OperationCanceledException(context.RequestAborted);
        }, connection.Token);
        Assert.Contains("MD-0002 499 - 1", Assert.Single(await portal.CountsAsync(key.Handle)), StringComparison.Ordinal);
        Assert.DoesNotContain(context.TraceIdentifier, portal.Log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Endpoint_SeesTheCallerAndNeverTheKey()
    {
        var key = await portal.CreateTokenAsync();
        (string Handle, string? Module) caller = default;
        var headers = "";
        await PassAsync(key, context =>
        {
            caller = (ApiCaller.Of(context).Credential.Handle, ApiCaller.Of(context).Module?.Name);
            headers = string.Join('\n', context.Request.Headers.Select(header => $"{header.Key}: {header.Value}"));
            return Task.CompletedTask;
        });
        Assert.Equal((key.Handle, "Agreements"), caller);
        Assert.DoesNotContain("Authorization", headers, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(key.ToHeaderValue()[^ApiKey.SecretLength..], headers, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Refused_NothingBehindTheGateRuns()
    {
        var key = await portal.CreateTokenAsync();
        await portal.DisableAsync(key);
        var ran = false;
        await PassAsync(key, _ =>
        {
            ran = true;
            return Task.CompletedTask;
        });
        Assert.False(ran);
    }

    private static Task Answer(HttpContext context, int status)
    {
        context.Response.StatusCode = status;
        return Task.CompletedTask;
    }

    /// <summary>Sends a request through a middleware with the running Portal's services and <paramref name="next"/> behind it.</summary>
    private async Task<HttpContext> PassAsync(ApiKey key, RequestDelegate next, CancellationToken connectionAborted = default)
    {
        var middleware = ActivatorUtilities.CreateInstance<ApiKeyMiddleware>(portal.Services, next);
        var context = new DefaultHttpContext { TraceIdentifier = Guid.CreateVersion7().ToString(), RequestAborted = connectionAborted };
        context.Request.Method = "GET";
        context.Request.Path = "/public/v1/agreements";
        context.Request.Headers.Authorization = key.ToHeaderValue();
        context.Features.Set<IHttpResponseBodyFeature>(new StreamResponseBodyFeature(new MemoryStream()));
        await middleware.InvokeAsync(context, RequestTarget.Parse("/public/v1/agreements", ApiKeyMiddleware.BasePath, portal.Services.GetRequiredService<PathOwners>()));
        // As the web server does when a request ends.
        await context.Response.CompleteAsync();
        return context;
    }

    private static string BodyOf(HttpContext context) => Encoding.UTF8.GetString(((MemoryStream)context.Response.Body).ToArray());
}
