using Portal.Data;
using Portal.Tests.Support;
using Portal.Tokens;
using Portal.Tokens.Details;
using Portal.Tokens.Reading;

namespace Portal.Tests.Tokens.Details;

public sealed class TokenEditFormTests
{
    private static readonly TokenDetails Saved = Token("Shop", "X-1", "Prices", "MD-0002");

    [Fact]
    public void Changes_NothingTouched_AreNone()
    {
        var form = Form();

        Assert.Empty(form.Changes());
        form.Name = " Shop ";
        Assert.Empty(form.Changes());
    }

    [Fact]
    public void Changes_EveryField_ReadAsBeforeAndAfter()
    {
        var form = Form();
        form.Name = "Store";
        form.ExternalId = "";
        form.Description = "Prices and stock";
        form.Modules.Set("MD-0003", true);

        Assert.Equal(
            [
                "Name: Shop → Store", "External ID: X-1 → (empty)", "Description: Prices → Prices and stock",
                "Permissions: Agreements → Agreements, Billing",
            ],
            form.Changes());
    }

    [Fact]
    public void Changes_AllModules_AreNamedAsThat()
    {
        var form = Form();
        form.Modules.AllModules = true;

        Assert.Equal(["Permissions: Agreements → all modules"], form.Changes());
    }

    [Theory]
    [InlineData(TokenField.Name)]
    [InlineData(TokenField.ExternalId)]
    [InlineData(TokenField.Description)]
    [InlineData(TokenField.Permissions)]
    public void Rebase_OnlyTheyChangedIt_TheirsIsTaken(TokenField field)
    {
        var form = Form();

        Assert.Empty(form.Rebase(Change(field, "theirs")));

        Assert.Equal(Value(Change(field, "theirs"), field), Value(form, field));
        Assert.Empty(form.Changes());
    }

    [Theory]
    [InlineData(TokenField.Name)]
    [InlineData(TokenField.ExternalId)]
    [InlineData(TokenField.Description)]
    [InlineData(TokenField.Permissions)]
    public void Rebase_OnlyIChangedIt_MineStays(TokenField field)
    {
        var form = Form();
        Set(form, field, "mine");
        var mine = Value(form, field);

        Assert.Empty(form.Rebase(Saved with { Version = Guid.CreateVersion7() }));

        Assert.Equal(mine, Value(form, field));
        Assert.StartsWith(TokenEditForm.LabelOf(field) + ": ", Assert.Single(form.Changes()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(TokenField.Name)]
    [InlineData(TokenField.ExternalId)]
    [InlineData(TokenField.Description)]
    [InlineData(TokenField.Permissions)]
    public void Rebase_BothChangedItAlike_NothingIsLeftToChange(TokenField field)
    {
        var form = Form();
        Set(form, field, "theirs");

        Assert.Empty(form.Rebase(Change(field, "theirs")));

        Assert.Empty(form.Changes());
    }

    [Theory]
    [InlineData(TokenField.Name, "theirs", "mine")]
    [InlineData(TokenField.ExternalId, "theirs", "mine")]
    [InlineData(TokenField.Description, "theirs", "mine")]
    [InlineData(TokenField.Permissions, "Billing", "Agreements, Contracts")]
    public void Rebase_BothChangedItDifferently_IsAConflictAndMineStaysUntilTheirsIsTaken(TokenField field, string theirs, string mine)
    {
        var form = Form();
        Set(form, field, "mine");
        var wanted = Value(form, field);

        Assert.Equal([new EditConflict(field, theirs, mine)], form.Rebase(Change(field, "theirs")));
        Assert.Equal(wanted, Value(form, field));
        Assert.Single(form.Changes());

        form.TakeSaved(field);
        Assert.Equal(Value(Change(field, "theirs"), field), Value(form, field));
        Assert.Empty(form.Changes());
    }

    [Fact]
    public void Rebase_OneFieldEach_BothChangesAreKept()
    {
        var form = Form();
        form.Name = "mine";

        Assert.Empty(form.Rebase(Change(TokenField.Description, "theirs")));

        Assert.Equal(("mine", "X-1", "theirs"), (form.Name, form.ExternalId, form.Description));
        Assert.Equal(["Name: Shop → mine"], form.Changes());
    }

    [Fact]
    public void Rebase_IEmptiedWhatTheyChanged_IsAConflict()
    {
        var form = Form();
        form.ExternalId = "";

        Assert.Equal([new EditConflict(TokenField.ExternalId, "theirs", "(empty)")], form.Rebase(Change(TokenField.ExternalId, "theirs")));
    }

    [Fact]
    public void Rebase_Always_SavingReplacesTheirVersion()
    {
        var (form, theirs) = (Form(), Change(TokenField.Name, "theirs"));
        Assert.Equal(Saved.Version, form.Version);

        form.Rebase(theirs);

        Assert.Equal(theirs.Version, form.Version);
        Assert.Equal("theirs", form.ToEdit().Name);
    }

    private static TokenEditForm Form() => new(Saved, TestCatalog.Default);

    private static void Set(TokenEditForm form, TokenField field, string value)
    {
        switch (field)
        {
            case TokenField.Name:
                form.Name = value;
                break;
            case TokenField.ExternalId:
                form.ExternalId = value;
                break;
            case TokenField.Description:
                form.Description = value;
                break;
            default:
                form.Modules.Set(value == "mine" ? "MD-0004" : "MD-0003", true);
                form.Modules.Set("MD-0002", value == "mine");
                break;
        }
    }

    private static TokenDetails Change(TokenField field, string value) => field switch
    {
        TokenField.Name => Saved with { Name = value, Version = Guid.CreateVersion7() },
        TokenField.ExternalId => Saved with { ExternalId = value, Version = Guid.CreateVersion7() },
        TokenField.Description => Saved with { Description = value, Version = Guid.CreateVersion7() },
        _ => Token("Shop", "X-1", "Prices", "MD-0003"),
    };

    private static string Value(TokenDetails token, TokenField field) => Value(new TokenEditForm(token, TestCatalog.Default), field);

    private static string Value(TokenEditForm form, TokenField field) => field switch
    {
        TokenField.Name => form.Name,
        TokenField.ExternalId => form.ExternalId,
        TokenField.Description => form.Description,
        _ => string.Join(' ', form.Modules.ToChoice().ModuleIds),
    };

    private static TokenDetails Token(string name, string externalId, string description, string module)
    {
        var by = new TokenEvent(TestPortal.Start, "operator", "An Operator");
        var record = new TokenRecord(
            "SU-160-984-311", name, externalId, description, TokenStatus.Active, new TokenExtension("EXT-000", "custom", null), AllModules: false,
            [new ModuleGrant(module, module, by)], ExpiresAt: null, PreviousEndsAt: null, by, by, Guid.CreateVersion7());
        return new TokenDetails(record)
        {
            StoredStatus = StoredStatus.Active,
            AllModulesGranted = null,
            Permissions = [.. TestCatalog.Default.Modules.Select(it => new ModulePermission(it.Id, it.Name, it.Id == module, it.Id == module ? by : null, null, Offered: true))],
            LiveSecrets = [],
            RateLimit = RateLimitChoice.Default,
        };
    }
}
