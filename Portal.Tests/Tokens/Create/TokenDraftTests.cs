using Microsoft.Extensions.Options;
using Portal.Catalog;
using Portal.Data;
using Portal.Tests.Support;
using Portal.Tokens;
using Portal.Tokens.Create;
using Portal.Tokens.Dialogs;

namespace Portal.Tests.Tokens.Create;

public sealed class TokenDraftTests
{
    private static readonly DateTime Now = new(2030, 1, 15, 12, 0, 0, DateTimeKind.Utc);
    private static readonly ModuleCatalog Catalog = TestCatalog.Default;
    private static readonly string[] Presets = ["30 days", "90 days"];

    [Fact]
    public void Start_DefaultCatalogue_NinetyDaysAndCustomArePreselectedButNoModule()
    {
        var draft = TokenDraft.Start(Catalog, Presets);

        Assert.Equal((WizardStep.General, "90 days", "EXT-000", 0), (draft.Step, draft.Expiration.Kind, draft.ExtensionId, draft.Modules.CountIn(Catalog)));
        Assert.NotEqual(draft.CreationId, TokenDraft.Start(Catalog, Presets).CreationId);
    }

    [Fact]
    public void Start_CatalogueWithoutCustom_FirstExtensionIsPreselected()
    {
        var options = new CatalogOptions { Extensions = [new() { Id = "EXT-009", Name = "only", Title = "Only", Permissions = PermissionRule.All }] };

        Assert.Equal("EXT-009", TokenDraft.Start(new ModuleCatalog(Options.Create(options)), Presets).ExtensionId);
    }

    [Theory]
    [InlineData("90 days", "30, 7", null)]
    [InlineData("90 days", "5", TokenField.NoticeDays)]
    [InlineData("90 days", "soon", TokenField.NoticeDays)]
    [InlineData("perpetual", "soon", null)]
    public void Check_NoticeDays_OnlyThoseThatAreOfferedAreAccepted(string expiration, string days, TokenField? field)
    {
        var draft = new TokenDraft { Name = "Nightly", Expiration = new ExpirationChoice { Kind = expiration }, NoticeDays = days };

        Assert.Equal(field is { } expected ? [expected] : Array.Empty<TokenField>(), draft.Check(WizardStep.Expiration, Catalog, Now).Select(fault => fault.Field));
        Assert.Equal(expiration == "perpetual" ? null : days, draft.ToNewToken(Now).NoticeDays);
    }

    [Theory]
    [InlineData("", "Enter a name.")]
    [InlineData("   ", "Enter a name.")]
    [InlineData("a\u0007b", "The name contains a control character or an invalid character at position 2. Remove it.")]
    [InlineData("a\u202Eb", "The name contains an invisible character that changes the direction of text at position 2. Remove it.")]
    public void Check_GeneralWithABadName_FaultIsTheNames(string name, string message) =>
        Assert.Equal([new Fault(TokenField.Name, message)], new TokenDraft { Name = name }.Check(WizardStep.General, Catalog, Now));

    [Fact]
    public void Check_GeneralWithEverythingTooLong_EachFieldHasItsFault()
    {
        var draft = new TokenDraft
        {
            Name = new string('n', Token.NameLength + 1), ExternalId = new string('e', Token.ExternalIdLength + 1),
            Description = new string('d', Token.DescriptionLength + 1),
        };

        Assert.Equal(
            [TokenField.Name, TokenField.ExternalId, TokenField.Description],
            draft.Check(WizardStep.General, Catalog, Now).Select(fault => fault.Field));
    }

    [Fact]
    public void Check_GeneralWithNoMoreThanAName_NothingIsWrong() =>
        Assert.Empty(new TokenDraft { Name = new string('n', Token.NameLength) }.Check(WizardStep.General, Catalog, Now));

    [Fact]
    public void Check_ExpirationWithAPastMoment_FaultIsTheExpirations()
    {
        var draft = new TokenDraft();
        draft.Expiration.Kind = ExpirationChoice.Custom;
        draft.Expiration.SetCustom("2030-01-15T11:59", "2030-01-15T11:59:00Z");

        Assert.Equal([TokenField.Expiration], draft.Check(WizardStep.Expiration, Catalog, Now).Select(fault => fault.Field));
        Assert.Empty(draft.Check(WizardStep.Expiration, Catalog, Now.AddMinutes(-2)));
    }

    [Theory]
    [InlineData("EXT-000", true)]
    [InlineData("ext-000", false)]
    [InlineData("EXT-999", false)]
    [InlineData("", false)]
    public void Check_Extension_MustBeOnOffer(string id, bool right) =>
        Assert.Equal(right, new TokenDraft { ExtensionId = id }.Check(WizardStep.Extension, Catalog, Now).Count == 0);

    [Theory]
    [InlineData("EXT-000", false)]
    [InlineData("EXT-001", true)]
    [InlineData("EXT-002", true)]
    public void Check_PermissionsWithoutAModule_IsWrongOnlyWhereTheExtensionAsks(string extension, bool right) =>
        Assert.Equal(right, new TokenDraft { ExtensionId = extension }.Check(WizardStep.Permissions, Catalog, Now).Count == 0);

    [Fact]
    public void Check_PermissionsWithOneModuleOrAll_NothingIsWrong()
    {
        var draft = new TokenDraft { ExtensionId = "EXT-000" };
        draft.Modules.Set("MD-0002", true);
        Assert.Empty(draft.Check(WizardStep.Permissions, Catalog, Now));

        draft.Modules.Set("MD-0002", false);
        draft.Modules.AllModules = true;
        Assert.Empty(draft.Check(WizardStep.Permissions, Catalog, Now));
    }

    [Theory]
    [InlineData("Name", "", WizardStep.General, true)]
    [InlineData("", "Id", WizardStep.General, true)]
    [InlineData("", "", WizardStep.General, false)]
    [InlineData("", "", WizardStep.Extension, true)]
    public void HasAnswers_NotCreatedYet_IsWhetherSomethingWouldBeLost(string name, string externalId, WizardStep step, bool expected) =>
        Assert.Equal(expected, new TokenDraft { Name = name, ExternalId = externalId, Step = step }.HasAnswers);

    [Fact]
    public void HasAnswers_Created_NothingWouldBeLost() =>
        Assert.False(new TokenDraft { Name = "Shop", Step = WizardStep.Summary, CreatedHandle = "SU-160-984-311" }.HasAnswers);

    [Theory]
    [InlineData(TokenField.Name, WizardStep.General)]
    [InlineData(TokenField.ExternalId, WizardStep.General)]
    [InlineData(TokenField.Description, WizardStep.General)]
    [InlineData(TokenField.Expiration, WizardStep.Expiration)]
    [InlineData(TokenField.Extension, WizardStep.Extension)]
    [InlineData(TokenField.Permissions, WizardStep.Permissions)]
    public void StepOf_Field_IsTheStepThatAsksForIt(TokenField field, WizardStep step) => Assert.Equal(step, TokenDraft.StepOf(field));

    [Fact]
    public void ToNewToken_Preset_EndIsCountedFromNow()
    {
        var draft = TokenDraft.Start(Catalog, Presets);

        Assert.Equal((draft.CreationId, Now.AddDays(90)), (draft.ToNewToken(Now).CreationId, draft.ToNewToken(Now).ExpiresAt));
    }
}
