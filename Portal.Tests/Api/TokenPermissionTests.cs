using System.Net;
using Microsoft.EntityFrameworkCore;
using Portal.Tests.Support;
using Portal.Tokens;
using static Portal.Tests.Api.ApiCalls;

namespace Portal.Tests.Api;

public sealed class TokenPermissionTests(PortalHost portal) : IClassFixture<PortalHost>
{
    [Fact]
    public async Task List_Permissions_AreFilteredOrderedAndCut()
    {
        var key = await portal.CreateTokenAsync(null, "MD-0007", "MD-0002", "MD-0003");
        using var response = await portal.CallAsync(key, "GET", $"{TokensPath}/{key.Handle}/permissions/?out(object.id,(MD-0003))&ordering(-id)&limit=1");
        var body = await Task.FromResult(response).JsonAsync();

        Assert.Equal("items 0-0/2", PortalHost.ContentRangeOf(response));
        Assert.Equal(
            """[{"id":"MD-0007","object":{"id":"MD-0007"},"events":{"granted":{"at":"2026-11-24T10:00:00+00:00","by":{"id":"test","name":"Test Administrator"}}}}]""",
            body.GetRawText());
        Assert.StartsWith("At character 1", await portal.CallAsync(key, "GET", $"{TokensPath}/{key.Handle}/permissions?name=x").InvalidAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"id":"MD-0003"}""")]
    [InlineData("""{"object":{"id":"MD-0003"}}""")]
    public async Task Merge_AModule_IsInForceAtOnceAndInTheAudit(string body)
    {
        var (caller, key) = (await portal.CreateTokenAsync(), await portal.CreateTokenAsync(null, "MD-0002"));
        for (var time = 0; time < 2; time++)
        {
            var answer = await portal.CallAsync(caller, "POST", $"{TokensPath}/{key.Handle}/permissions", body).JsonAsync(HttpStatusCode.Created);
            Assert.Equal("""{"id":"MD-0003","object":{"id":"MD-0003"}}""", answer.GetRawText());
        }

        using var call = await portal.SendAsync(key, "/public/v1/billing");
        Assert.Equal(HttpStatusCode.OK, call.StatusCode);
        await using var context = await portal.ContextAsync();
        var entry = await context.AuditEntries.SingleAsync(entry => entry.TargetId == key.Handle && entry.Action == "token.updated", TestContext.Current.CancellationToken);
        Assert.Equal((caller.Handle, """{"modules":{"before":"MD-0002","after":"MD-0002 MD-0003"}}"""), (entry.ActorId, entry.Details));
    }

    [Theory]
    [InlineData(null, "object.id: is required: the id of a module.")]
    [InlineData("{}", "object.id: is required: the id of a module.")]
    [InlineData("""{"object":"MD-0002"}""", "object: must be an object.")]
    [InlineData("""{"id":2}""", "id: must be a text or null.")]
    [InlineData("""{"id":null,"object":{"id":null}}""", "object.id: is required: the id of a module.")]
    [InlineData("""{"object":{"id":"md-0002"}}""", "object.id: There is no module with this id.")]
    [InlineData("""{"id":"*"}""", "id: There is no module with this id.")]
    [InlineData("""{"id":"MD-0002","object":{"id":"MD-0003"}}""", "id: is another module than object.id; send one of them.")]
    public async Task Merge_BadBody_IsTold(string? body, string expected)
    {
        var key = await portal.CreateTokenAsync();
        Assert.Equal(expected, await portal.CallAsync(key, "POST", $"{TokensPath}/{key.Handle}/permissions", body).InvalidAsync());
    }

    [Theory]
    [InlineData("", """{"id":"MD-0003"}""", "MD-0002 MD-0007")]
    [InlineData("", """{"object":{"id":"MD-0003"}}""", "MD-0002 MD-0007")]
    [InlineData("", """{"id":"MD-0018"}""", "MD-0002 MD-0003 MD-0007")]
    [InlineData("?in(id,(MD-0002,MD-0003))", null, "MD-0007")]
    [InlineData("?id=MD-0018", null, "MD-0002 MD-0003 MD-0007")]
    [InlineData("", null, "")]
    public async Task Remove_WhatIsNamed_LeavesTheRest(string query, string? body, string left)
    {
        var (caller, key) = (await portal.CreateTokenAsync(), await portal.CreateTokenAsync(null, "MD-0002", "MD-0003", "MD-0007"));

        using var response = await portal.CallAsync(caller, "DELETE", $"{TokensPath}/{key.Handle}/permissions{query}", body);

        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
        Assert.Equal(left, ModulesOf(await portal.CallAsync(caller, "GET", $"{TokensPath}/{key.Handle}").JsonAsync()));
    }

    [Fact]
    public async Task Remove_OneOfAllModules_LeavesEveryOther()
    {
        var (caller, key) = (await portal.CreateTokenAsync(), await portal.CreateTokenAsync());

        using var response = await portal.CallAsync(caller, "DELETE", $"{TokensPath}/{key.Handle}/permissions", """{"id":"MD-0003"}""");

        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
        Assert.Equal(
            TestCatalog.Default.Modules.Select(module => module.Id).Where(id => id != "MD-0003"),
            ModulesOf(await portal.CallAsync(caller, "GET", $"{TokensPath}/{key.Handle}").JsonAsync()).Split(' '));
        using var call = await portal.SendAsync(key, "/public/v1/billing");
        await ErrorBody.AssertAsync(call, HttpStatusCode.Forbidden, "AUTH_004");
    }

    [Theory]
    [InlineData("?limit=1", null)]
    [InlineData("?name=x", null)]
    [InlineData("", "[]")]
    [InlineData("", "{}")]
    [InlineData("", """{"id":"MD-9999"}""")]
    public async Task Remove_WhatCannotBeUnderstood_RemovesNothing(string query, string? body)
    {
        var (caller, key) = (await portal.CreateTokenAsync(), await portal.CreateTokenAsync(null, "MD-0002", "MD-0003"));

        await portal.CallAsync(caller, "DELETE", $"{TokensPath}/{key.Handle}/permissions{query}", body).InvalidAsync();

        Assert.Equal("MD-0002 MD-0003", ModulesOf(await portal.CallAsync(caller, "GET", $"{TokensPath}/{key.Handle}").JsonAsync()));
    }

    [Fact]
    public async Task Change_WhereTheExtensionSettlesTheModules_IsRefused()
    {
        var caller = await portal.CreateTokenAsync();
        var wanted = new NewToken(Guid.CreateVersion7(), $"Zapier {Guid.CreateVersion7()}", null, null, null, "EXT-001", ModuleChoice.All);
        var handle = Assert.IsType<TokenOutcome.Done>(await portal.Tokens.CreateAsync(portal.Administrator, wanted)).Handle;
        foreach (var (method, module) in new[] { ("POST", "MD-0003"), ("DELETE", "MD-0002") })
            Assert.Contains("zapier determines which modules", await portal.CallAsync(
                caller, method, $"{TokensPath}/{handle}/permissions", $$"""{"id":"{{module}}"}""").InvalidAsync(), StringComparison.Ordinal);
    }
}
