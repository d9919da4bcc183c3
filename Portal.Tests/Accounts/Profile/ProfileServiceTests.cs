using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Portal.Access;
using Portal.Accounts;
using Portal.Accounts.Profile;
using Portal.Audit;
using Portal.Data;
using Portal.Tests.Support;
using Portal.Tokens.Reading;

namespace Portal.Tests.Accounts.Profile;

public sealed class ProfileServiceTests
{
    private const string Former = "a long sentence to remember", New = "quite another sentence";

    [Fact]
    public async Task ChangeName_ValidName_IsStoredAndAudited()
    {
        await using var portal = await TestPortal.CreateAsync();
        var profiles = portal.Services.GetRequiredService<ProfileService>();

        Assert.Null(await profiles.ChangeNameAsync(portal.Viewer, " Grace Hopper "));

        Assert.Equal(new UserProfile("Grace Hopper", $"{portal.Viewer.Id}@example.com", Role.Viewer, new UserPreferences(null, null, null)), await profiles.ReadAsync(portal.Viewer));
        Assert.Equal(AuditAction.UserRenamed, Assert.Single(await portal.AuditAsync()).Action);
        // The session goes on.
        await portal.Reader.ListAsync(portal.Viewer, new TokenQuery());
    }

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("Gr\u0000ce")]
    public async Task ChangeName_InvalidName_IsRefused(string name)
    {
        await using var portal = await TestPortal.CreateAsync();
        Assert.NotNull(await portal.Services.GetRequiredService<ProfileService>().ChangeNameAsync(portal.Viewer, name));
        Assert.Empty(await portal.AuditAsync());
    }

    [Theory]
    [InlineData("dark", "de", "Europe/Berlin", "dark", "de", "Europe/Berlin")]
    [InlineData(null, null, "UTC", null, null, "UTC")]
    [InlineData("pink", "tlh", "Mars/Olympus", null, null, null)]
    [InlineData("light\r\nSet-Cookie: x=1", "de;", "Europe/Berlin; path=/", null, null, null)]
    public async Task ChangePreferences_AreStored_UnlessTheyDoNotExist(string? theme, string? language, string? zone, string? storedTheme, string? storedLanguage, string? storedZone)
    {
        await using var portal = await TestPortal.CreateAsync();
        var (profiles, stored) = (portal.Services.GetRequiredService<ProfileService>(), new UserPreferences(storedTheme, storedLanguage, storedZone));

        Assert.Equal(stored, await profiles.ChangePreferencesAsync(portal.Viewer, new UserPreferences(theme, language, zone)));

        Assert.Equal(stored, (await profiles.ReadAsync(portal.Viewer)).Preferences);
        var context = new DefaultHttpContext();
        PreferenceCookies.Write(context, stored);
        Assert.Equal(
            new[] { ("portal-theme", stored.Theme), ("portal-language", stored.Language), ("portal-time-zone", stored.TimeZone) }.Where(cookie => cookie.Item2 is not null).Select(cookie => $"{cookie.Item1}={Uri.EscapeDataString(cookie.Item2!)}"),
            context.Response.Headers.SetCookie.Select(cookie => cookie!.Split(';')[0]));
    }

    [Fact]
    public void TimeZones_AllHaveTheFormOfANameAndIncludeUtc()
    {
        Assert.True(UserPreferences.TimeZones.Count > 100, $"{UserPreferences.TimeZones.Count}");
        Assert.Contains("UTC", UserPreferences.TimeZones);
        Assert.All(UserPreferences.TimeZones, zone => Assert.True(UserPreferences.IsTimeZoneName(zone), zone));
    }

    [Fact]
    public async Task ChangePassword_RightPassword_ReplacesItAndEndsAllSessions()
    {
        await using var portal = await WithPasswordAsync();
        Assert.Empty(await ChangeAsync(portal, Former, New));

        await Assert.ThrowsAsync<SessionEndedException>(() => portal.Reader.ListAsync(portal.Viewer, new TokenQuery()));
        await using var context = await portal.OpenAsync();
        var user = await context.Users.SingleAsync(user => user.Id == portal.Viewer.Id, TestContext.Current.CancellationToken);
        Assert.Equal(PasswordVerificationResult.Success, portal.Services.GetRequiredService<IPasswordHasher<PortalUser>>().VerifyHashedPassword(user, user.PasswordHash!, New));
        Assert.Empty(await context.UserSessions.ToListAsync(TestContext.Current.CancellationToken));
        Assert.Equal(AuditAction.PasswordChanged, Assert.Single(await portal.AuditAsync()).Action);
    }

    [Theory]
    [InlineData("not the password", New, UserField.CurrentPassword)]
    [InlineData("", New, UserField.CurrentPassword)]
    [InlineData(Former, Former, UserField.Password)]
    [InlineData(Former, "short", UserField.Password)]
    [InlineData(Former, "password1234", UserField.Password)]
    public async Task ChangePassword_WrongInput_PointsAtTheFieldAndChangesNothing(string current, string wanted, UserField field)
    {
        await using var portal = await WithPasswordAsync();
        Assert.Equal([field], (await ChangeAsync(portal, current, wanted)).Select(fault => fault.Field));
        await portal.Reader.ListAsync(portal.Viewer, new TokenQuery());
        Assert.Empty(await ChangeAsync(portal, Former, New));
    }

    [Fact]
    public async Task ChangePassword_ManyWrongPasswords_AreLimited()
    {
        await using var portal = await WithPasswordAsync();
        for (var i = 0; i < 5; i++)
            await ChangeAsync(portal, "wrong" + i, New);
        Assert.StartsWith("Too many", Assert.Single(await ChangeAsync(portal, Former, New)).Message, StringComparison.Ordinal);
    }

    private static async Task<IReadOnlyList<UserError>> ChangeAsync(TestPortal portal, string current, string wanted)
    {
        await using var scope = portal.Services.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<PasswordChange>().ChangeAsync(portal.Viewer, current, wanted, IPAddress.Loopback, TestContext.Current.CancellationToken);
    }

    private static async Task<TestPortal> WithPasswordAsync()
    {
        var portal = await TestPortal.CreateAsync();
        await using var context = await portal.OpenAsync();
        var user = await context.Users.SingleAsync(user => user.Id == portal.Viewer.Id, TestContext.Current.CancellationToken);
        user.PasswordHash = portal.Services.GetRequiredService<IPasswordHasher<PortalUser>>().HashPassword(user, Former);
        await context.SaveChangesAsync(TestContext.Current.CancellationToken);
        return portal;
    }
}
