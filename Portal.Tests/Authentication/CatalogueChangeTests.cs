using System.Net;
using Portal.Tests.Support;

namespace Portal.Tests.Authentication;

/// <summary>The catalog changes between two starts while tokens stay.</summary>
public sealed class CatalogueChangeTests
{
    private const string Extra = "Catalog:Modules:19";

    [Fact]
    public async Task ModuleRemoved_ItsPathIsOwnedByNobodyAndTheGrantByNothing()
    {
        using var directory = new TemporaryDirectory();
        string restricted, all;
        await using (var before = await StartAsync(directory, "MD-9000"))
        {
            restricted = (await before.CreateTokenAsync(null, "MD-9000", "MD-0002")).ToHeaderValue();
            all = (await before.CreateTokenAsync()).ToHeaderValue();
            await AssertAsync(before, restricted, HttpStatusCode.OK, "");
        }

        await using (var without = await StartAsync(directory, null))
        {
            await AssertAsync(without, restricted, HttpStatusCode.NotFound, "NFND_001");
            await AssertAsync(without, all, HttpStatusCode.NotFound, "NFND_001");
        }

        // The path belongs to another module now: the old grant doesn't include it, but a grant of all modules does.
        await using (var other = await StartAsync(directory, "MD-9001"))
        {
            await AssertAsync(other, restricted, HttpStatusCode.Forbidden, "AUTH_004");
            await AssertAsync(other, all, HttpStatusCode.OK, "");
        }

        await using var again = await StartAsync(directory, "MD-9000");
        await AssertAsync(again, restricted, HttpStatusCode.OK, "");
    }

    private static async Task<PortalHost> StartAsync(TemporaryDirectory directory, string? extraModule)
    {
        var settings = extraModule is null ? null : new Dictionary<string, string>
        {
            [$"{Extra}:Id"] = extraModule, [$"{Extra}:Name"] = "Extra", [$"{Extra}:Paths:0"] = "/extra",
        };
        var portal = new PortalHost("Development", settings, directory.Path);
        await portal.InitializeAsync();
        return portal;
    }

    private static async Task AssertAsync(PortalHost portal, string key, HttpStatusCode status, string code)
    {
        using var response = await portal.SendAsync(key, "/public/v1/extra");
        if (code.Length > 0)
            await ErrorBody.AssertAsync(response, status, code);
        else
            Assert.Equal(status, response.StatusCode);
    }
}
