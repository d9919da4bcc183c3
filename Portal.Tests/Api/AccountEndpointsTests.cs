using System.Net;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Portal.Tests.Support;

namespace Portal.Tests.Api;

public sealed class AccountEndpointsTests(PortalHost portal) : IClassFixture<PortalHost>
{
    [Theory]
    [InlineData("/public/v1/auth/context")]
    [InlineData("/public/v1/auth/context/")]
    public async Task Context_AnyValidToken_IsItsAccountAndItself(string path)
    {
        var key = await portal.CreateTokenAsync(null, "MD-0018");
        using var response = await portal.SendAsync(key, path);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("application/json", response.Content.Headers.ContentType?.MediaType);
        await using var context = await portal.ContextAsync();
        var token = await context.Tokens.SingleAsync(token => token.Handle == key.Handle, TestContext.Current.CancellationToken);
        Assert.Equal(
            $$$"""{"account":{"id":"PA-100-200","name":"Test account"},"user":{"id":"{{{token.Handle}}}","name":"{{{token.Name}}}"}}""",
            await BodyAsync(response));
    }

    [Theory]
    [InlineData("/public/v1/accounts")]
    [InlineData("/public/v1/accounts/")]
    public async Task Accounts_AnyValidToken_IsTheOneAccount(string path)
    {
        using var response = await portal.SendAsync(await portal.CreateTokenAsync(null, "MD-0018"), path);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("items 0-0/1", PortalHost.ContentRangeOf(response));
        var account = Assert.Single(JsonDocument.Parse(await BodyAsync(response)).RootElement.EnumerateArray());
        Assert.Equal(
            $$$"""{"id":"PA-100-200","name":"{{{PortalHost.AccountName}}}","events":{"created":{"at":"2026-11-24T10:00:00+00:00"}},"industries":[]"""
            + ""","icon":null,"description":null,"overview":null,"headquarters":null,"countries":null,"languages":null,"websites":null,"public":null}""",
            account.GetRawText());
    }

    [Theory]
    [InlineData("?limit=0", "items 0-0/1", "[]")]
    [InlineData("?offset=1", "items 1-1/1", "[]")]
    public async Task Accounts_WindowBesideThem_IsEmpty(string query, string range, string body)
    {
        using var response = await portal.SendAsync(await portal.CreateTokenAsync(), "/public/v1/accounts" + query);
        Assert.Equal((range, body), (PortalHost.ContentRangeOf(response), await BodyAsync(response)));
    }

    [Theory]
    [InlineData("?limit=many")]
    [InlineData("?offset=-1")]
    [InlineData("?ordering(name)")]
    [InlineData("?owner=x")]
    public async Task Accounts_BadQuery_NamesTheFaultWithItsPlace(string query)
    {
        using var response = await portal.SendAsync(await portal.CreateTokenAsync(), "/public/v1/accounts" + query);
        Assert.StartsWith("At character ", await ErrorBody.AssertAsync(response, HttpStatusCode.BadRequest, "VAL_001"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("?id=PA-100-200", "items 0-0/1")]
    [InlineData("?search=100", "items 0-0/1")]
    [InlineData("?ne(id,PA-100-200)", "items 0-0/0")]
    public async Task Accounts_Filter_IsTheirRange(string query, string range)
    {
        using var response = await portal.SendAsync(await portal.CreateTokenAsync(), "/public/v1/accounts" + query);
        Assert.Equal((HttpStatusCode.OK, range), (response.StatusCode, PortalHost.ContentRangeOf(response)));
    }

    [Fact]
    public async Task Accounts_DatabaseFails_IsAnsweredInTheErrorForm()
    {
        await using var broken = new PortalHost();
        await broken.InitializeAsync();
        var key = await broken.CreateTokenAsync();
        using var warm = await broken.SendAsync(key, "/public/v1/accounts");
        Assert.Equal(HttpStatusCode.OK, warm.StatusCode);
        await using (var context = await broken.Services.GetRequiredService<IDbContextFactory<Portal.Data.PortalDbContext>>().CreateDbContextAsync(TestContext.Current.CancellationToken))
            await context.Database.ExecuteSqlRawAsync("ALTER TABLE \"Accounts\" RENAME TO \"Lost\"", TestContext.Current.CancellationToken);
        using var response = await broken.SendAsync(key, "/public/v1/accounts");
        await ErrorBody.AssertAsync(response, HttpStatusCode.InternalServerError, "SRV_001");
        Assert.DoesNotContain(key.ToHeaderValue()[^40..], broken.Log.Text, StringComparison.Ordinal);
    }

    private static Task<string> BodyAsync(HttpResponseMessage response) => response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
}
