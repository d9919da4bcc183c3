using System.Text;
using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using OtpNet;
using Portal.Access;
using Portal.Accounts;
using Portal.Accounts.SecondFactor;
using Portal.Accounts.Users;
using Portal.Audit;
using Portal.Tests.Accounts;
using Portal.Tests.Support;
using Portal.Tests.Tokens;
using Portal.Tokens;
using Portal.Tokens.Reading;

namespace Portal.Tests;

/// <summary>Uses everything that handles secrets, including failures, and then searches for the secrets in all data that remains.</summary>
[Slow]
public sealed partial class SecretsTests
{
    private const string Password = "Correct horse battery staple";
    private readonly List<string> _secrets = [];
    private readonly List<string> _left = [];

    [Fact]
    public async Task WholeLifeOfATokenAndItsAdministrator_LeavesNoSecretInLogAuditMessageOrDatabase()
    {
        var log = new LogCapture();
        await using (var run = await AccountRun.StartAsync(log))
        {
            await SetUpAndSignInAsync(run);
            await LiveAsync(run.Portal);
            await FailAsync(run.Portal);
            _left.AddRange(log.Lines);
            _left.AddRange((await run.Portal.AuditAsync()).Select(entry => $"{entry.Action} {entry.TargetId} {entry.TargetName} {entry.ActorName} {entry.Details}"));
            await run.Portal.ExecuteAsync("PRAGMA wal_checkpoint(TRUNCATE)");
            _left.AddRange(Directory.EnumerateFiles(run.Portal.Directory, "portal.db*").Select(file => Encoding.Latin1.GetString(File.ReadAllBytes(file))));
        }

        Assert.True(_secrets.Count > 6 && log.Lines.Count > 100, "The life above was too short to prove anything.");
        Assert.All(_secrets, secret => Assert.DoesNotContain(_left, text => text.Contains(secret, StringComparison.OrdinalIgnoreCase)));
        // Any other text that looks like a secret would be one that wasn't issued.
        Assert.DoesNotContain(_left.Where(text => text.Length < 100_000), text => LooksLikeASecret().IsMatch(text));
    }

    private async Task SetUpAndSignInAsync(AccountRun run)
    {
        // The only line with the code is the one that announces it.
        Assert.Single(run.Log.Lines, line => line.Contains(run.Code, StringComparison.Ordinal));
        run.Log.Clear();
        _secrets.AddRange([run.Code, run.Code.Replace("-", "", StringComparison.Ordinal), Password]);
        await run.UseAsync(accounts => accounts.SetUpAsync("WRONG-CODE", new NewUser("Ada", "ada@example.com", Password)));
        await run.UseAsync(accounts => accounts.SetUpAsync(run.Code, new NewUser("Ada", "not an address", Password)));
        await run.UseAsync(accounts => accounts.SetUpAsync(run.Code, new NewUser("Ada", "ada@example.com", Password)));
        for (var i = 0; i < 6; i++)
            await run.SignInAsync("ada@example.com", i == 0 ? Password : Password + i);
    }

    private async Task LiveAsync(TestPortal portal)
    {
        await using (var context = await portal.OpenAsync())
        {
            context.AddUser(portal.Operator);
            context.AddUser(portal.Administrator);
            context.AddUser(portal.Viewer);
            await context.SaveChangesAsync();
        }

        await UseAccountsAsync(portal);
        var wanted = TestTokens.Wanted() with { ExpiresAt = portal.Now.AddDays(10) };
        var handle = Keep(await portal.Tokens.CreateAsync(portal.Operator, wanted)).Handle;
        Keep(await portal.Tokens.CreateAsync(portal.Operator, wanted));
        await RevealAsync(portal, handle);
        var seen = await portal.DetailsAsync(handle);
        await portal.Tokens.EditAsync(portal.Operator, handle, TokenServiceEditTests.EditOf(seen) with { Name = "New" }, seen.Version);
        Keep(await portal.Tokens.RenewAsync(portal.Operator, handle, portal.Now.AddDays(100)));
        await RevealAsync(portal, handle);
        Keep(await portal.Tokens.RotateAsync(portal.Operator, handle, null));
        Assert.True(await portal.AcceptsAsync(Keep(await portal.Tokens.RotateAsync(portal.Operator, handle, null)).Key!));
        _left.Add((await portal.DetailsAsync(handle)).ToString());
        _left.AddRange((await portal.ListAsync(new TokenQuery())).Select(row => row.ToString()));
        await portal.Tokens.DeleteAsync(portal.Administrator, handle);
    }

    /// <summary>Uses one-time links, passwords and second factors.</summary>
    private async Task UseAccountsAsync(TestPortal portal)
    {
        const string chosen = "Seven quiet mountains", renewed = "Three green bicycles";
        var (users, invitations, factors) = (
            portal.Services.GetRequiredService<UserService>(), portal.Services.GetRequiredService<InvitationService>(), portal.Services.GetRequiredService<SecondFactorService>());
        var invited = Assert.IsType<UserOutcome.Done>(await invitations.InviteAsync(portal.Administrator, "ben@example.com", Role.Viewer));
        await using (var scope = portal.Services.CreateAsyncScope())
            Assert.Empty(await scope.ServiceProvider.GetRequiredService<OneTimeLinkService>().AcceptAsync(invited.Link!.Code, "Ben", chosen));
        var list = await portal.Services.GetRequiredService<UserReader>().ListAsync(portal.Administrator);
        var reset = Assert.IsType<UserOutcome.Done>(await users.ResetPasswordAsync(portal.Administrator, list.Users.Single(user => user.Name == "Ben").Id));
        _secrets.AddRange([chosen, renewed, invited.Link.Code, reset.Link!.Code]);
        _left.AddRange([invited.ToString(), reset.ToString()]);
        await using (var scope = portal.Services.CreateAsyncScope())
            Assert.Empty(await scope.ServiceProvider.GetRequiredService<OneTimeLinkService>().SetPasswordAsync(reset.Link.Code, renewed));

        var key = await factors.BeginAsync(portal.Operator);
        var codes = await factors.ConfirmAsync(portal.Operator, new Totp(Base32Encoding.ToBytes(key!.Key)).ComputeTotp(portal.Now));
        _secrets.Add(key.Key);
        _secrets.AddRange(codes!);
        _secrets.AddRange(codes!.Select(code => code.Replace("-", "", StringComparison.Ordinal)));
        _left.Add(key.ToString());
    }

    private async Task FailAsync(TestPortal portal)
    {
        var handle = Keep(await portal.Tokens.CreateAsync(portal.Operator, TestTokens.Wanted("Other"))).Handle;
        _left.Add((await Assert.ThrowsAsync<AccessDeniedException>(() => portal.Tokens.RotateAsync(portal.Viewer, handle, null))).ToString());
        _left.Add((await portal.Tokens.RotateAsync(portal.Operator, handle, portal.Now)).ToString());
        _left.Add((await portal.Tokens.RevealAsync(portal.Operator, handle, KeySlot.Previous, AuditAction.KeyViewed)).ToString());
        await portal.ExecuteAsync(RefusingTrigger.On("AuditEntries"));
        _left.Add((await Assert.ThrowsAsync<DbUpdateException>(() => portal.Tokens.RotateAsync(portal.Operator, handle, null))).ToString());
        _left.Add((await Assert.ThrowsAsync<DbUpdateException>(() => portal.Tokens.CreateAsync(portal.Operator, TestTokens.Wanted("Third")))).ToString());
        _left.Add((await Assert.ThrowsAsync<DbUpdateException>(
            () => portal.Tokens.RevealAsync(portal.Operator, handle, KeySlot.Newest, AuditAction.KeyViewed))).ToString());
        await portal.ExecuteAsync($"{RefusingTrigger.Off}; UPDATE TokenSecrets SET Protected = x'00112233'");
        _left.Add((await portal.Tokens.RevealAsync(portal.Operator, handle, KeySlot.Newest, AuditAction.KeyViewed)).ToString());
    }

    private async Task RevealAsync(TestPortal portal, string handle)
    {
        foreach (var action in (string[])[AuditAction.KeyViewed, AuditAction.KeyCopied])
        {
            var outcome = await portal.Tokens.RevealAsync(portal.Operator, handle, KeySlot.Newest, action);
            _left.Add(outcome.ToString());
            Keep(Assert.IsType<RevealOutcome.Shown>(outcome).Key);
        }
    }

    private TokenOutcome.Done Keep(TokenOutcome outcome)
    {
        _left.Add(outcome.ToString());
        var done = Assert.IsType<TokenOutcome.Done>(outcome);
        Keep(done.Key!);
        return done;
    }

    private void Keep(ApiKey key) => _secrets.Add(key.ToHeaderValue()[^ApiKey.SecretLength..]);

    [GeneratedRegex(@"(?<![0-9a-fA-F])[0-9a-f]{40}(?![0-9a-fA-F])")]
    private static partial Regex LooksLikeASecret();
}
