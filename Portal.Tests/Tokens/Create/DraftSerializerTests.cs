using System.Text.Json.Nodes;
using Portal.Catalog;
using Portal.Tests.Support;
using Portal.Tokens;
using Portal.Tokens.Create;
using Portal.Tokens.Dialogs;

namespace Portal.Tests.Tokens.Create;

public sealed class DraftSerializerTests
{
    private const string Handle = "SU-160-984-311";
    private static readonly DateTime Moment = new(2031, 5, 1, 8, 30, 0, DateTimeKind.Utc);
    private static readonly ModuleCatalog Catalog = TestCatalog.Default;

    [Fact]
    public void Read_WhatWriteWrote_HasEveryAnswer()
    {
        var draft = Draft();
        draft.StartTime.IsLater = true;
        draft.StartTime.Set("2031-04-01T10:30", "2031-04-01T08:30:00Z");

        var read = DraftSerializer.Read(DraftSerializer.Write(draft), Catalog)!;

        Assert.Equal((true, "2031-04-01T10:30", Moment.AddDays(-30)), (read.StartTime.IsLater, read.StartTime.Text, read.StartTime.Start));
        Assert.Equal(
            (draft.CreationId, WizardStep.Permissions, "Shop ✓ \"é\"", "<id>", "A & B", "EXT-003"),
            (read.CreationId, read.Step, read.Name, read.ExternalId, read.Description, read.ExtensionId));
        Assert.Equal((ExpirationChoice.Custom, "2031-05-01T10:30", Moment), (read.Expiration.Kind, read.Expiration.CustomText, read.Expiration.CustomMoment));
        Assert.Equal(DateTimeKind.Utc, read.Expiration.CustomMoment!.Value.Kind);
        Assert.Equal(["MD-0002", "MD-0003"], read.Modules.Ids.Order());
        Assert.False(read.Modules.AllModules);
    }

    [Fact]
    public void Read_AllModulesOverSinglePicks_BothComeBack()
    {
        var draft = Draft();
        draft.Modules.AllModules = true;

        var read = DraftSerializer.Read(DraftSerializer.Write(draft), Catalog)!.Modules;

        Assert.True(read.AllModules);
        Assert.Equal(2, read.Ids.Count);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("7")]
    [InlineData("{\"CreationId\":")]
    [InlineData("{\"CreationId\":\"no guid\"}")]
    [InlineData("{\"CreationId\":\"00000000-0000-0000-0000-000000000000\",\"Step\":1}")]
    [InlineData("{\"CreationId\":\"0198f3a0-0000-7000-8000-000000000001\",\"Step\":\"General\"}")]
    [InlineData("{\"CreationId\":\"0198f3a0-0000-7000-8000-000000000001\",\"Name\":{\"toString\":1}}")]
    [InlineData("{\"CreationId\":\"0198f3a0-0000-7000-8000-000000000001\",\"Modules\":\"MD-0002\"}")]
    public void Read_NotADraft_IsNone(string? text) => Assert.Null(DraftSerializer.Read(text, Catalog));

    [Theory]
    [InlineData(-1)]
    [InlineData(5)]
    [InlineData(999)]
    public void Read_UnknownStep_IsNone(int step) => Assert.Null(Read("Step", step));

    [Fact]
    public void Read_DeepNesting_IsNone() => Assert.Null(DraftSerializer.Read(new string('[', 5000) + new string(']', 5000), Catalog));

    [Fact]
    public void Read_NothingButAnId_IsAnEmptyDraftWithoutAnEnd()
    {
        var read = DraftSerializer.Read("{\"CreationId\":\"0198f3a0-0000-7000-8000-000000000001\"}", Catalog)!;

        Assert.Equal((WizardStep.General, "", "", "", ""), (read.Step, read.Name, read.ExternalId, read.Description, read.ExtensionId));
        Assert.False(read.HasAnswers);
        Assert.NotNull(read.Expiration.Check(Moment));
    }

    [Fact]
    public void Read_UnknownAndMissingModules_AreLeftOut() =>
        Assert.Equal(["MD-0003"], Read("Modules", new JsonArray("MD-9999", null, "", "MD-0003", "*"))!.Modules.Ids);

    [Fact]
    public void Read_UnknownExtension_IsForTheStepToRefuse()
    {
        var read = Read("ExtensionId", "EXT-999")!;

        Assert.Equal([TokenField.Extension], read.Check(WizardStep.Extension, Catalog, Moment).Select(fault => fault.Field));
    }

    [Theory]
    [InlineData("never")]
    [InlineData("9999 years")]
    [InlineData("")]
    public void Read_UnknownExpiration_IsForTheStepToRefuse(string kind) =>
        Assert.Equal([TokenField.Expiration], Read("Expiration", kind)!.Check(WizardStep.Expiration, Catalog, Moment.AddYears(-1)).Select(fault => fault.Field));

    [Fact]
    public void Read_KeepingAnEndThatIsNotThere_IsACustomDate() => Assert.Equal(ExpirationChoice.Custom, Read("Expiration", "keep")!.Expiration.Kind);

    [Theory]
    [InlineData("yesterday")]
    [InlineData("+010000-01-01T00:00:00.000Z")]
    [InlineData("2031-02-30T00:00:00Z")]
    public void Read_CustomMomentThatIsNone_IsAskedForAgain(string moment) => Assert.Null(Read("CustomMoment", moment)!.Expiration.CustomMoment);

    [Fact]
    public void Read_SummaryOfACreatedToken_StaysTheSummary()
    {
        var draft = Draft();
        draft.CreatedHandle = Handle;

        var read = DraftSerializer.Read(DraftSerializer.Write(draft), Catalog)!;

        Assert.Equal((WizardStep.Summary, Handle), (read.Step, read.CreatedHandle));
    }

    [Theory]
    [InlineData("")]
    [InlineData("../users")]
    [InlineData("SU-160-984-31١")]
    public void Read_HandleThatIsNone_NothingWasCreated(string handle)
    {
        var read = Read("CreatedHandle", handle)!;

        Assert.Equal((WizardStep.Permissions, null), (read.Step, read.CreatedHandle));
    }

    [Fact]
    public void Read_SummaryWithoutAToken_IsTheStepBefore() => Assert.Equal(WizardStep.Permissions, Read("Step", (int)WizardStep.Summary)!.Step);

    private static TokenDraft? Read(string field, JsonNode value)
    {
        var stored = JsonNode.Parse(DraftSerializer.Write(Draft()))!;
        stored[field] = value;
        return DraftSerializer.Read(stored.ToJsonString(), Catalog);
    }

    private static TokenDraft Draft()
    {
        var draft = new TokenDraft
        {
            Step = WizardStep.Permissions, Name = "Shop ✓ \"é\"", ExternalId = "<id>", Description = "A & B", ExtensionId = "EXT-003",
            Expiration = new ExpirationChoice { Kind = ExpirationChoice.Custom },
        };
        draft.Expiration.SetCustom("2031-05-01T10:30", "2031-05-01T08:30:00.000Z");
        draft.Modules.Set("MD-0003", true);
        draft.Modules.Set("MD-0002", true);
        return draft;
    }
}
