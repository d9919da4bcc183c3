using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Portal.Access;
using Portal.Accounts.Users;
using Portal.Audit;
using Portal.Data;
using Portal.Tests.Support;
using Portal.Tokens;
using Portal.Tokens.List;
using Portal.Tokens.Reading;

namespace Portal.Tests.Tokens;

/// <summary>Who is responsible for a token: a user or a team.</summary>
public sealed class TokenOwnerTests
{
    [Fact]
    public async Task Create_WithoutOwner_BelongsToTheUserWhoCreatesIt()
    {
        await using var portal = await TestPortal.CreateAsync();
        var handle = (await portal.CreateAsync()).Handle;
        Assert.Equal(new OwnerName(portal.Operator.Name, OwnerChoice.OfUser(portal.Operator.Id).Code), (await portal.DetailsAsync(handle)).Owner);
    }

    [Fact]
    public async Task Create_ByAToken_BelongsToTheOwnerOfThatToken()
    {
        await using var portal = await TestPortal.CreateAsync();
        var parent = (await portal.CreateAsync(TestTokens.Wanted("Parent") with { Owner = OwnerChoice.OfTeam("Payments") })).Handle;
        var child = (await portal.CreateAsync(new Actor(ActorKind.Token, parent, "Parent", TestPortal.Account, Role.Operator), TestTokens.Wanted("Child"))).Handle;
        Assert.Equal("Payments", (await portal.DetailsAsync(child)).Owner!.Name);
    }

    [Fact]
    public async Task Create_WithTeamAndContact_HasThem()
    {
        await using var portal = await TestPortal.CreateAsync();
        var handle = (await portal.CreateAsync(TestTokens.Wanted() with { Owner = OwnerChoice.OfTeam(" Payments "), Contact = " pay@example.com " })).Handle;
        var token = await portal.DetailsAsync(handle);
        Assert.Equal((new OwnerName("Payments", "team:Payments"), "pay@example.com"), (token.Owner, token.Contact));
    }

    [Theory]
    [InlineData("team:", TokenField.Owner, "Enter the name of the team.")]
    [InlineData("team:a\u202Eb", TokenField.Owner, "Team")]
    [InlineData("user:nobody", TokenField.Owner, "This user no longer exists. Select another owner.")]
    [InlineData("user:other", TokenField.Owner, "This user no longer exists. Select another owner.")]
    public async Task Create_WithInvalidOwner_IsRefused(string code, TokenField field, string message)
    {
        await using var portal = await TestPortal.CreateAsync();
        var choice = code == "user:other" ? OwnerChoice.OfUser(portal.OtherAccountActor.Id) : OwnerChoice.Parse(code);
        var fault = Assert.Single(Assert.IsType<TokenOutcome.Invalid>(await portal.Tokens.CreateAsync(portal.Operator, TestTokens.Wanted() with { Owner = choice })).Faults);
        Assert.Equal(field, fault.Field);
        Assert.Contains(message, fault.Message, StringComparison.Ordinal);
        await using var context = await portal.OpenAsync();
        Assert.False(await context.TokenOwners.AnyAsync(TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("a")]
    [InlineData("a@b@c")]
    [InlineData("one@example.com, two@example.com")]
    [InlineData("a\n@example.com")]
    public void CheckContact_NotOneAddress_IsAFault(string contact) => Assert.Equal("Enter one email address, such as team@example.com.", TokenRules.CheckContact(contact));

    [Theory]
    [InlineData(null)]
    [InlineData(" ")]
    [InlineData(" ops@example.com ")]
    public void CheckContact_OneAddressOrNone_IsValid(string? contact) => Assert.Null(TokenRules.CheckContact(contact));

    [Fact]
    public async Task Edit_Owner_IsStoredAuditedAndFound()
    {
        await using var portal = await TestPortal.CreateAsync();
        var handle = (await portal.CreateAsync()).Handle;
        var token = await portal.DetailsAsync(handle);

        var edit = new TokenEdit(token.Name, null, null, token.Choice) { Owner = OwnerChoice.OfTeam("Payments"), Contact = "pay@example.com" };
        Assert.IsType<TokenOutcome.Done>(await portal.Tokens.EditAsync(portal.Operator, handle, edit, token.Version));

        Assert.Equal("Payments", (await portal.DetailsAsync(handle)).Owner!.Name);
        Assert.Equal(
            $$$"""{"contact":{"before":null,"after":"pay@example.com"},"owner":{"before":"{{{portal.Operator.Name}}}","after":"Payments"}}""", (await portal.AuditAsync())[^1].Details);
        Assert.Equal(handle, Assert.Single(await portal.ListAsync(new TokenQuery { Owner = "team:PAYMENTS" })).Handle);
        Assert.Empty(await portal.ListAsync(new TokenQuery { Owner = OwnerChoice.OfUser(portal.Operator.Id).Code }));
        // The same again, and without an owner: unchanged.
        var now = await portal.DetailsAsync(handle);
        Assert.True(Assert.IsType<TokenOutcome.Done>(await portal.Tokens.EditAsync(portal.Operator, handle, edit, now.Version)).IsUnchanged);
        Assert.True(Assert.IsType<TokenOutcome.Done>(await portal.Tokens.EditAsync(portal.Operator, handle, edit with { Owner = null, Contact = null }, now.Version)).IsUnchanged);
    }

    [Fact]
    public async Task List_ByOwner_FindsTheTokensOfUsersTeamsAndNobody()
    {
        await using var portal = await TestPortal.CreateAsync();
        await portal.CreateAsync(TestTokens.Wanted("Of the operator"));
        await portal.CreateAsync(TestTokens.Wanted("Of a team") with { Owner = OwnerChoice.OfTeam("Payments") });
        await portal.CreateAsync(TestTokens.Wanted("Of the same team") with { Owner = OwnerChoice.OfTeam("payments") });
        await portal.CreateAsync(TestTokens.Wanted("Of nobody") with { Owner = OwnerChoice.None });

        foreach (var sort in Enum.GetValues<TokenSort>())
        {
            Assert.Equal(["Of the operator"], await NamesAsync(portal, OwnerChoice.OfUser(portal.Operator.Id).Code, sort));
            Assert.Equal(["Of a team", "Of the same team"], (await NamesAsync(portal, "team:Payments", sort)).Order());
            Assert.Equal(["Of nobody"], await NamesAsync(portal, OwnerReader.Nobody, sort));
        }

        Assert.Empty(await NamesAsync(portal, "team:Unknown", TokenSort.Name));
        Assert.Empty(await NamesAsync(portal, "former:77", TokenSort.Name));
        Assert.Equal(["Of the same team"], (await portal.ListAsync(new TokenQuery { Owner = "team:Payments", Search = "same" })).Select(token => token.Name));
        // The finder caches the number: it must notice a new owner.
        await portal.Tokens.ChangeOwnerAsync(portal.Operator, (await portal.ListAsync(new TokenQuery { Search = "nobody" })).Single().Handle, OwnerChoice.OfTeam("Payments"), null, TestContext.Current.CancellationToken);
        Assert.Equal(3, (await NamesAsync(portal, "team:Payments", TokenSort.Created)).Count);
        Assert.Empty(await NamesAsync(portal, OwnerReader.Nobody, TokenSort.Created));
    }

    [Fact]
    public async Task HandOver_AllTokensOfAUser_BelongToTheNewOwnerAtOnce()
    {
        await using var portal = await TestPortal.CreateAsync();
        var handle = (await portal.CreateAsync()).Handle;
        var own = (await portal.CreateAsync(portal.Administrator, TestTokens.Wanted("Own"))).Handle;
        Assert.Single(await NamesAsync(portal, OwnerChoice.OfUser(portal.Administrator.Id).Code, TokenSort.Name));

        Assert.IsType<UserOutcome.Done>(await Users(portal).HandOverTokensAsync(portal.Administrator, portal.Operator.Id, OwnerChoice.OfUser(portal.Administrator.Id), TestContext.Current.CancellationToken));

        Assert.Equal(portal.Administrator.Name, (await portal.DetailsAsync(handle)).Owner!.Name);
        Assert.Equal(2, (await NamesAsync(portal, OwnerChoice.OfUser(portal.Administrator.Id).Code, TokenSort.Name)).Count);
        Assert.Empty(await NamesAsync(portal, OwnerChoice.OfUser(portal.Operator.Id).Code, TokenSort.Name));
        Assert.Equal(AuditAction.TokensHandedOver, (await portal.AuditAsync())[^1].Action);
        Assert.Equal(2, await portal.Services.GetRequiredService<OwnerReader>().CountAsync(portal.Administrator, portal.Administrator.Id, TestContext.Current.CancellationToken));
        Assert.NotEqual(own, handle);
    }

    [Theory]
    [InlineData(null, "")]
    [InlineData("team:Payments", "Payments")]
    public async Task Remove_UserWithTokens_HandsThemOverOrLeavesThemWithoutAnOwner(string? to, string name)
    {
        await using var portal = await TestPortal.CreateAsync();
        var handle = (await portal.CreateAsync()).Handle;
        await portal.CreateAsync(TestTokens.Wanted("Another") with { Owner = OwnerChoice.OfTeam("Payments") });

        Assert.IsType<UserOutcome.Done>(await Users(portal).RemoveAsync(
            portal.Administrator, portal.Operator.Id, to is null ? null : OwnerChoice.Parse(to), TestContext.Current.CancellationToken));

        var owner = (await portal.Reader.FindAsync(portal.Administrator, handle, TestContext.Current.CancellationToken))!.Owner!;
        Assert.Equal(to is null ? new OwnerName(portal.Operator.Name, null) : new OwnerName(name, to), owner);
        Assert.Equal(to is null ? 1 : 2, (await NamesAsync(portal, to ?? OwnerReader.Nobody, TokenSort.Created)).Count);
        var options = await portal.Services.GetRequiredService<OwnerReader>().ListAsync(portal.Administrator, TestContext.Current.CancellationToken);
        Assert.Equal(to is null, options.Any(option => option.IsFormer));
        if (to is null)
            Assert.Single(await NamesAsync(portal, options.Single(option => option.IsFormer).Code, TokenSort.Created));
        Assert.Single(options, option => option.IsTeam);
    }

    [Fact]
    public async Task HandOver_ToTheSameUserOrToNobodyKnown_IsRefused()
    {
        await using var portal = await TestPortal.CreateAsync();
        await portal.CreateAsync();
        foreach (var wrong in new[] { OwnerChoice.OfUser(portal.Operator.Id), OwnerChoice.OfUser("gone"), OwnerChoice.OfTeam("") })
            Assert.IsType<UserOutcome.Refused>(await Users(portal).HandOverTokensAsync(portal.Administrator, portal.Operator.Id, wrong, TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("none", "none")]
    [InlineData("team:Payments", "team:Payments")]
    [InlineData("user:4711", "user:4711")]
    [InlineData("former:12", "former:12")]
    [InlineData("former:x", null)]
    [InlineData("somebody", null)]
    [InlineData("team:0123456789abcdef0123456789abcdef01234567", null)]
    public void Address_Owner_IsKeptIfItCanBeOne(string text, string? expected)
    {
        var query = TokenListAddress.Parse(new Uri($"http://portal/tokens?owner={Uri.EscapeDataString(text)}"), TestCatalog.Default);
        Assert.Equal(expected, query.Owner);
        if (expected is not null)
            Assert.Contains(Uri.EscapeDataString(expected), TokenListAddress.Write(query), StringComparison.OrdinalIgnoreCase);
    }

    private static UserService Users(TestPortal portal) => portal.Services.GetRequiredService<UserService>();

    private static async Task<IReadOnlyList<string>> NamesAsync(TestPortal portal, string owner, TokenSort sort) =>
        [.. (await portal.ListAsync(new TokenQuery { Owner = owner, Sort = sort })).Select(token => token.Name)];
}
