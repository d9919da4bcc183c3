using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Portal.Gateway.Assertions;
using Portal.Tests.Support;
using Portal.Tokens;

namespace Portal.Tests.Gateway;

/// <summary>Portal's assertions about callers, checked as an upstream would, with only the published keys.</summary>
public sealed class AssertionTests
{
    private static readonly (string, string) On = (GatewayRun.Agreements + "Assertion", "true");

    [Fact]
    public async Task Assertion_SaysWhoCalled_AndIsSignedWithAPublishedKey()
    {
        await using var upstream = await TestUpstream.StartAsync();
        await using var run = await GatewayRun.StartAsync(upstream.Address, On, (GatewayRun.Agreements + "AssertionIssuer", "https://portal.test"));
        await run.SendRawAsync("/public/v1/agreements", "X-Portal-Assertion: forged");
        await run.SendRawAsync("/public/v1/agreements");
        var claims = new List<JsonElement>();
        foreach (var seen in upstream.Seen)
            claims.Add(Verify(seen.Headers["X-Portal-Assertion"], await KeysAsync(run)));

        var now = run.Portal.Clock.GetUtcNow().ToUnixTimeSeconds();
        var first = claims[0];
        Assert.Equal(
            ("https://portal.test", "MD-0002", run.Key.Handle, "PA-100-200", now, now + 60),
            (Text(first, "iss"), Text(first, "aud"), Text(first, "sub"), Text(first, "account"), first.GetProperty("iat").GetInt64(), first.GetProperty("exp").GetInt64()));
        Assert.StartsWith("Token ", Text(first, "name"), StringComparison.Ordinal);
        Assert.Equal(8, first.EnumerateObject().Count());
        Assert.NotEqual(Text(first, "jti"), Text(claims[1], "jti"));
        Assert.DoesNotContain(run.Key.ToHeaderValue()[^ApiKey.SecretLength..], first.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Assertion_NotAskedFor_IsNotThereAndNoKeyIsMade()
    {
        await using var upstream = await TestUpstream.StartAsync();
        await using var run = await GatewayRun.StartAsync(upstream.Address);
        await run.SendRawAsync("/public/v1/agreements", "X-Portal-Assertion: forged");
        Assert.False(Assert.Single(upstream.Seen).Headers.ContainsKey("X-Portal-Assertion"));
        Assert.Empty(await KeysAsync(run));
        Assert.Empty(Directory.GetFiles(Path.Combine(run.Portal.Folder, "keys"), "assertion-*"));
    }

    [Fact]
    public async Task Key_SurvivesARestart_AndLiesEncryptedForThisUserOnly()
    {
        using var directory = new TemporaryDirectory();
        string before;
        await using (var run = await GatewayRun.StartAsync("http://127.0.0.1:1", directory.Path, null, On))
            before = Assert.Single((await KeysAsync(run)).Keys);
        await using (var run = await GatewayRun.StartAsync("http://127.0.0.1:1", directory.Path, null, On))
            Assert.Equal(before, Assert.Single((await KeysAsync(run)).Keys));

        var file = Assert.Single(Directory.GetFiles(Path.Combine(directory.Path, "keys"), "assertion-*"));
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        Assert.ThrowsAny<CryptographicException>(() => AssertionKey.Import(File.ReadAllBytes(file)));
    }

    [Fact]
    public async Task Key_ThatCannotBeRead_IsReplaced()
    {
        using var directory = new TemporaryDirectory();
        await using (var run = await GatewayRun.StartAsync("http://127.0.0.1:1", directory.Path, null, On))
            await KeysAsync(run);
        var file = Assert.Single(Directory.GetFiles(Path.Combine(directory.Path, "keys"), "assertion-*"));
        await File.WriteAllTextAsync(file, "nothing", TestContext.Current.CancellationToken);
        await using var again = await GatewayRun.StartAsync("http://127.0.0.1:1", directory.Path, null, On);
        Assert.Single(await KeysAsync(again));
        Assert.Contains("could not be read and is ignored", again.Portal.Log.Text, StringComparison.Ordinal);
    }

    /// <summary>For a hundred days, hour by hour: the keys that were fetched within the last day verify every signature, and the current keys verify
    /// everything that was signed within the last day.</summary>
    [Fact]
    public async Task Keys_Rotate_AndNobodyIsEverLeftWithoutTheRightOne()
    {
        await using var run = await GatewayRun.StartAsync("http://127.0.0.1:1", On);
        var keys = run.Portal.Services.GetRequiredService<AssertionKeys>();
        var (published, signing) = (new List<string[]>(), new List<string>());
        for (var hour = 0; hour < 100 * 24; hour++)
        {
            published.Add([.. keys.Published.Select(key => key.Id)]);
            signing.Add(keys.Current.Id);
            Assert.All(published.TakeLast(23), known => Assert.Contains(signing[^1], known));
            Assert.All(signing.TakeLast(23), signed => Assert.Contains(signed, published[^1]));
            Assert.InRange(published[^1].Length, 1, 2);
            run.Portal.Clock.Advance(TimeSpan.FromHours(1));
        }

        Assert.Equal(4, signing.Distinct().Count());
        Assert.Equal(published[^1].Length, Directory.GetFiles(Path.Combine(run.Portal.Folder, "keys"), "assertion-*").Length);
    }

    /// <summary>Verifies the signature as RFC 7515 defines, with the platform's own cryptography.</summary>
    private static JsonElement Verify(string assertion, Dictionary<string, ECDsa> keys)
    {
        var parts = assertion.Split('.');
        Assert.Equal(3, parts.Length);
        var header = JsonDocument.Parse(Decode(parts[0])).RootElement;
        Assert.Equal(("ES256", "JWT"), (Text(header, "alg"), Text(header, "typ")));
        var key = keys[Text(header, "kid")];
        var signed = Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}");
        Assert.True(key.VerifyData(signed, Decode(parts[2]), HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation));
        signed[^1] ^= 1;
        Assert.False(key.VerifyData(signed, Decode(parts[2]), HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation));
        return JsonDocument.Parse(Decode(parts[1])).RootElement;
    }

    /// <summary>Fetches the published keys, as anyone can.</summary>
    private static async Task<Dictionary<string, ECDsa>> KeysAsync(GatewayRun run)
    {
        using var response = await run.Portal.SendAsync((string?)null, "/.well-known/jwks.json");
        Assert.Equal((HttpStatusCode.OK, "application/json"), (response.StatusCode, response.Content.Headers.ContentType?.MediaType));
        var set = JsonDocument.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).RootElement;
        return set.GetProperty("keys").EnumerateArray().ToDictionary(key => Text(key, "kid"), key =>
        {
            Assert.Equal(("EC", "P-256", "sig", "ES256", 7), (Text(key, "kty"), Text(key, "crv"), Text(key, "use"), Text(key, "alg"), key.EnumerateObject().Count()));
            return ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = new ECPoint { X = Decode(Text(key, "x")), Y = Decode(Text(key, "y")) } });
        });
    }

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;

    private static byte[] Decode(string text) => System.Buffers.Text.Base64Url.DecodeFromChars(text);
}
