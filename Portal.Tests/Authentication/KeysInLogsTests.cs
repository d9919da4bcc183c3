using Microsoft.EntityFrameworkCore;
using Portal.Tests.Support;
using Portal.Tokens;

namespace Portal.Tests.Authentication;

public sealed class KeysInLogsTests
{
    private static readonly Dictionary<string, string> LogEverything = new()
    {
        ["Logging:LogLevel:Default"] = "Trace",
        ["Logging:LogLevel:Microsoft.AspNetCore"] = "Trace",
        ["Logging:LogLevel:Microsoft.AspNetCore.DataProtection"] = "Trace",
        ["Logging:LogLevel:Microsoft.EntityFrameworkCore"] = "Trace",
    };

    [Fact]
    public async Task EverythingLogged_KeysUsedRightAndWrong_NoSecretIsWrittenDown()
    {
        await using var portal = new PortalHost("Development", LogEverything);
        await portal.InitializeAsync();
        var first = await portal.CreateTokenAsync();
        var second = await portal.RotateAsync(first);
        foreach (var header in new[] { first, second }.Select(key => key.ToHeaderValue()))
            foreach (var sent in new[] { header, header + "0", header.Replace("ApiKey", "Bearer", StringComparison.Ordinal) })
                foreach (var path in new[] { "/public/v1/agreements", "/public/v1/accounts", "/public/v1/nowhere" })
                    (await portal.SendAsync(sent, path)).Dispose();
        await portal.DisableAsync(second);
        (await portal.SendAsync(second, "/public/v1/agreements")).Dispose();
        await portal.CountsAsync(first.Handle);

        await using var context = await portal.ContextAsync();
        var audit = string.Join('\n', await context.AuditEntries.Select(entry => entry.Details + entry.TargetName).ToListAsync(TestContext.Current.CancellationToken));
        Assert.Contains("/public/v1/nowhere", portal.Log.Text, StringComparison.Ordinal);
        foreach (var secret in new[] { first, second }.Select(key => key.ToHeaderValue()[^ApiKey.SecretLength..]))
        {
            Assert.DoesNotContain(secret, portal.Log.Text, StringComparison.Ordinal);
            Assert.DoesNotContain(secret, audit, StringComparison.Ordinal);
        }
    }
}
