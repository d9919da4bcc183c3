using Portal.Tests.Api.Contract;
using Portal.Tests.Support;
using Portal.Tokens;

namespace Portal.Tests.Api;

/// <summary>The declared actions on tokens match the API: paths, document and bulk.</summary>
public sealed class TokenActionEndpointsTests(PortalHost portal) : IClassFixture<PortalHost>
{
    [Fact]
    public async Task Document_EveryAction_HasItsOperationAsDeclared()
    {
        var api = await ServedApi.ReadAsync(portal);
        Assert.All(TokenAction.All, action =>
        {
            var name = action == TokenAction.Delete ? "DELETE /auth/tokens/{pk}" : $"POST /auth/tokens/{{pk}}/{action.WireName}";
            var operation = Assert.Single(api.Operations, operation => operation.Name == name);
            Assert.Equal((action.Summary, action.Description), (TextOf(operation, "summary"), TextOf(operation, "description")[..action.Description.Length]));
            Assert.Equal(action.MakesKey, operation.Parameters.Any(parameter => parameter["name"]!.GetValue<string>() == "Idempotency-Key"));
            Assert.Equal(action.NewKey is not null, operation.Request is not null);
        });
    }

    [Fact]
    public async Task Bulk_EveryAction_IsOneOfItsNames()
    {
        var api = await ServedApi.ReadAsync(portal);
        var bulk = api.Operations.Single(operation => operation.Name == "POST /auth/tokens/bulk");
        var names = api.Resolve(bulk.Request!["schema"])["properties"]!["action"]!["enum"]!.AsArray().Select(name => name!.GetValue<string>());
        Assert.Equal(TokenAction.All.Select(action => action.WireName).Order(StringComparer.Ordinal), names);

        var caller = await portal.CreateTokenAsync();
        foreach (var action in TokenAction.All)
        {
            var more = action.NewKey is { RequiresExpiration: true } ? """, "expiration_date": "2027-08-01" """ : "";
            var answer = await portal.CallAsync(caller, "POST", ApiCalls.TokensPath + "/bulk", $$"""{"action": "{{action.WireName}}", "ids": ["SU-000-000-000"]{{more}}}""").JsonAsync();
            Assert.Equal(404, answer.GetProperty("results")[0].GetProperty("status").GetInt32());
        }
    }

    private static string TextOf(ServedOperation operation, string field) => operation.Node[field]!.GetValue<string>();
}
