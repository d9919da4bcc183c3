using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Portal.Tests.Support;
using Portal.Tokens;
using Portal.Tokens.Reading;

namespace Portal.Tests.Tokens;

/// <summary>Keys that were stored before Portal kept fingerprints.</summary>
public sealed class FingerprintFillTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Fill_KeysWithACopy_GetTheirFingerprintAndAreFoundByIt()
    {
        await using var portal = await TestPortal.CreateAsync();
        var made = await portal.CreateAsync(name: "Wanted");
        await portal.CreateAsync(name: "Other");
        await portal.ExecuteAsync("UPDATE TokenSecrets SET Fingerprint = NULL");
        var query = new TokenQuery { Search = $"…{made.Key!.Fingerprint}" };
        Assert.Empty(await portal.ListAsync(query));

        Assert.Equal(2, await FillAsync(portal));

        Assert.Equal(["Wanted"], (await portal.ListAsync(query)).Select(row => row.Name));
        Assert.Equal(made.Key.Fingerprint, (await portal.DetailsAsync(made.Handle)).LiveSecrets.Single().Fingerprint);
        Assert.Equal(0, await FillAsync(portal));
    }

    [Fact]
    public async Task Fill_CopyIsGoneOrUnreadable_LeavesTheKeyWithoutAFingerprint()
    {
        await using var portal = await TestPortal.CreateAsync();
        for (var i = 0; i < 3; i++)
            await portal.CreateAsync(name: $"Token {i}");
        await portal.ExecuteAsync(
            """
            UPDATE TokenSecrets SET Fingerprint = NULL;
            UPDATE TokenSecrets SET Protected = NULL WHERE Id = (SELECT MIN(Id) FROM TokenSecrets);
            UPDATE TokenSecrets SET Protected = X'0001' WHERE Id = (SELECT MAX(Id) FROM TokenSecrets)
            """);

        Assert.Equal(1, await FillAsync(portal));

        await using var context = await portal.OpenAsync();
        Assert.Equal([true, false, true], await context.TokenSecrets.OrderBy(secret => secret.Id).Select(secret => secret.Fingerprint == null).ToListAsync(Cancellation));
    }

    [Fact]
    public async Task Create_WithoutACopy_KeepsTheFingerprintAllTheSame()
    {
        await using var portal = await TestPortal.CreateAsync(settings: new() { ["Tokens:Reveal"] = "Once" });
        var made = await portal.CreateAsync();
        Assert.Equal(made.Key!.Fingerprint, (await portal.DetailsAsync(made.Handle)).LiveSecrets.Single().Fingerprint);
        Assert.Equal(made.Key.ToHeaderValue()[^4..], made.Key.Fingerprint);
    }

    private static Task<int> FillAsync(TestPortal portal) => portal.Services.GetRequiredService<FingerprintFill>().FillAsync(Cancellation);
}
