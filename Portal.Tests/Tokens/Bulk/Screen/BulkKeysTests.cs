using System.Text;
using System.Text.Json;
using Bunit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Portal.Audit;
using Portal.Tests.Support;
using Portal.Tokens;
using Portal.Tokens.Bulk.Screen;

namespace Portal.Tests.Tokens.Bulk.Screen;

/// <summary>New keys of a bulk rotation or renewal leave Portal only as a file that the browser makes.</summary>
public sealed class BulkKeysTests : BulkDialogContext
{
    private readonly LogCapture _log = new();

    private protected override Action<IServiceCollection> ServerServices => services => services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Trace).AddProvider(_log));

    [Fact]
    public async Task Rotate_InUse_KeepsTheOldKeysAndHandsOutTheNewOnesOnce()
    {
        var (one, two) = (await Server.CreateAsync(name: "One"), await Server.CreateAsync(days: null, name: "=Two"));
        await Server.UseAsync(one.Handle, TimeSpan.FromDays(2), 0, 0, 5);
        var run = Run(TokenAction.Rotate, one.Handle, two.Handle);
        WaitForTitle("Rotate 2 tokens?");
        Assert.Equal(["After 24 hours"], Dialogs.Picked("radio"));
        await Button("Rotate 2 tokens, keep the old keys until").ClickAsync();
        WaitForTitle("2 of 2 tokens rotated");
        await Dialogs.Button("Download CSV").ClickAsync();

        var lines = Encoding.UTF8.GetString(Files.Single().Value).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal("keys-20300115-120000.csv", Files.Single().Key);
        Assert.Equal("name,handle,external_id,api_key,expires", lines[0]);
        Assert.Equal(["'=Two", "One"], lines[1..].Select(line => line.Split(',')[0].Trim('"')).Order(StringComparer.Ordinal));
        var keys = lines[1..].Select(line => line.Split(',')[3].ToApiKey()).ToList();
        foreach (var key in keys.Append(one.Key!).Append(two.Key!))
            Assert.True(await Server.AcceptsAsync(key));
        Assert.Equal(2, (await Server.AuditAsync()).Count(entry => entry.Action == AuditAction.KeyDownloaded));
        await AssertNowhereElseAsync(keys);
        await Dialogs.Button("Close").ClickAsync();
        Assert.True(await run);
    }

    [Fact]
    public async Task Rotate_Unused_EndsTheOldKeysAtOnce()
    {
        var token = await Server.CreateAsync();
        _ = Run(TokenAction.Rotate, token.Handle);
        WaitForTitle("Rotate 1 token?");
        Assert.Equal(["At once"], Dialogs.Picked("radio"));

        await Dialogs.Button("Rotate 1 token").ClickAsync();

        WaitForTitle("1 of 1 tokens rotated");
        Assert.False(await Server.AcceptsAsync(token.Key!));
    }

    [Fact]
    public async Task Renew_OneExpiration_SkipsWhatCantBeRenewedOrLastsLonger()
    {
        var (soon, late, never) = (await Server.CreateAsync(days: 3, name: "Soon"), await Server.CreateAsync(days: 400, name: "Late"), await Server.CreateAsync(days: null, name: "Never"));
        _ = Run(TokenAction.Renew, soon.Handle, late.Handle, never.Handle);
        WaitForTitle("Renew 1 token?");
        Assert.Equal(["No expiration, so there is nothing to renew", "Expires later than the date that you chose"], Dialogs.Texts(".bulk-reasons strong"));

        await Dialogs.Button("Renew 1 token").ClickAsync();
        WaitForTitle("1 of 1 tokens renewed");
        await Dialogs.Button("Download JSON").ClickAsync();

        var saved = Assert.Single(JsonDocument.Parse(Files.Single().Value).RootElement.EnumerateArray());
        Assert.Equal(("Soon", "2030-04-15T12:00:00Z"), (saved.GetProperty("name").GetString(), saved.GetProperty("expires").GetString()));
        Assert.True(await Server.AcceptsAsync(saved.GetProperty("api_key").GetString()!.ToApiKey()));
        Assert.Equal(Server.Now.AddDays(90), (await Server.DetailsAsync(soon.Handle)).ExpiresAt);
    }

    [Fact]
    public async Task Close_NotDownloaded_AsksFirst()
    {
        var run = await RotatedAsync();

        await Dialogs.Button("Close").ClickAsync();
        Assert.StartsWith("You haven't downloaded the new keys.", Dialogs.Find(".note.danger").Words(), StringComparison.Ordinal);
        Assert.False(run.IsCompleted);
        await Dialogs.Button("Close without the keys").ClickAsync();

        Assert.True(await run);
    }

    [Fact]
    public async Task Leave_NotDownloaded_StaysAndAsks()
    {
        var run = await RotatedAsync();
        var before = Address;

        Navigation.NavigateTo("rules");

        Dialogs.WaitForAssertion(() => Assert.True(Dialogs.HasButton("Close without the keys")));
        Assert.Equal(before, Address);
        await Dialogs.Button("Download CSV").ClickAsync();
        Navigation.NavigateTo("rules");
        Assert.EndsWith("rules", Address, StringComparison.Ordinal);
        await run;
    }

    [Fact]
    public async Task Keys_DownloadedLongAgo_AreNoLongerInMemory()
    {
        await RotatedAsync();
        await Dialogs.Button("Download CSV").ClickAsync();
        Assert.True(Dialogs.HasButton("Download CSV"));

        Server.Clock.Advance(BulkKeys.KeptFor);

        Dialogs.WaitForAssertion(() => Assert.False(Dialogs.HasButton("Download CSV")));
        Assert.Contains("can no longer be downloaded here", Dialogs.Find(".note").Words(), StringComparison.Ordinal);
    }

    private async Task<Task<bool>> RotatedAsync()
    {
        var run = Run(TokenAction.Rotate, await Server.CreateManyAsync(2));
        WaitForTitle("Rotate 2 tokens?");
        await Dialogs.Button("Rotate 2 tokens").ClickAsync();
        WaitForTitle("2 of 2 tokens rotated");
        return run;
    }

    private AngleSharp.Dom.IElement Button(string start) => Dialogs.FindAll("button").Single(button => button.Words().StartsWith(start, StringComparison.Ordinal));

    /// <summary>The database has only the encrypted copies. The log, the address, the page, and the calls to the browser, which include its storage and
    /// clipboard, have nothing.</summary>
    private async Task AssertNowhereElseAsync(IEnumerable<ApiKey> keys)
    {
        await Server.ExecuteAsync("PRAGMA wal_checkpoint(TRUNCATE)");
        List<string> left =
        [
            .. Directory.EnumerateFiles(Server.Directory, "portal.db*").Select(file => Encoding.Latin1.GetString(File.ReadAllBytes(file))),
            .. _log.Lines, Address, Dialogs.Markup, Messages.Markup,
            .. JSInterop.Invocations.SelectMany(call => call.Arguments).Select(argument => argument?.ToString() ?? ""),
        ];
        Assert.NotEmpty(_log.Lines);
        Assert.All(keys, key => Assert.DoesNotContain(left, text => text.Contains(key.ToHeaderValue()[^ApiKey.SecretLength..], StringComparison.OrdinalIgnoreCase)));
    }
}

/// <summary>With <c>Tokens:Reveal=Once</c>, the file is the only chance to get the keys.</summary>
public sealed class BulkKeysShownOnceTests : BulkDialogContext
{
    private protected override Dictionary<string, string?> Settings => new() { ["Tokens:Reveal"] = "Once" };

    [Fact]
    public async Task Rotate_ShownOnce_SaysThatItIsTheOnlyChance()
    {
        _ = Run(TokenAction.Rotate, await Server.CreateManyAsync(1));
        WaitForTitle("Rotate 1 token?");
        Assert.Contains("the only chance", Dialogs.Find(".bulk > .hint").Words(), StringComparison.Ordinal);

        await Dialogs.Button("Rotate 1 token").ClickAsync();

        WaitForTitle("1 of 1 tokens rotated");
        Assert.Contains("the only chance", Dialogs.Find(".note").Words(), StringComparison.Ordinal);
        await Dialogs.Button("Close").ClickAsync();
        Assert.Contains("never shown again", Dialogs.Find(".note.danger").Words(), StringComparison.Ordinal);
    }
}
