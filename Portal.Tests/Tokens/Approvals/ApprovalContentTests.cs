using System.Reflection;
using Portal.Data;
using Portal.Tokens;
using Portal.Tokens.Approvals;

namespace Portal.Tests.Tokens.Approvals;

public sealed class ApprovalContentTests
{
    private static readonly DateTime Now = new(2030, 1, 15, 12, 0, 0, DateTimeKind.Utc);

    /// <summary>Fields of a change that a request doesn't contain, with the reason.</summary>
    private static readonly Dictionary<string, string> LeftOut = new()
    {
        [nameof(NewToken.ModulesFollow)] = "The form asks for modules.",
        [nameof(NewToken.EndsWithCreator)] = "Only programs leave the end to Portal, and they can't request.",
        [nameof(NewToken.Addresses)] = "Only administrators set IP rules, and they need no approval.",
        [nameof(TokenEdit.MayOutlive)] = "Only administrators change it, and they need no approval.",
        [nameof(NewToken.Ask)] = "It is the request itself.",
    };

    [Fact]
    public void NewToken_EveryField_IsCarriedOutAsRequested()
    {
        var wanted = new NewToken(Guid.CreateVersion7(), "Nightly", "X-1", "An export", Now.AddDays(400), "EXT-000", new ModuleChoice(false, ["MD-0002", "MD-0003"]))
        {
            Owner = OwnerChoice.OfUser("user-Operator"), Contact = "ada@example.com", StartsAt = Now.AddDays(1), RateLimit = RateLimitChoice.None,
            PerpetualReason = "A machine", NoticeDays = "30, 7",
        };

        AssertSame(wanted, ApprovalContent.Read(ApprovalContent.Of(wanted, wanted.Owner).Write())!.ToNewToken("EXT-000", Now));
    }

    [Fact]
    public void Edit_EveryField_IsCarriedOutAsRequested()
    {
        var edit = new TokenEdit("Nightly", "X-1", "An export", new ModuleChoice(false, ["MD-0002"]), RateLimitChoice.None)
        {
            Owner = OwnerChoice.OfUser("user-Operator"), Contact = "ada@example.com", PerpetualReason = "A machine", NoticeDays = "30, 7",
            StartsAt = Now.AddDays(1),
        };

        AssertSame(edit, Store(edit, [.. AllFields]).ToEdit("Former", null, null, Had));
    }

    /// <summary>Someone else may change the other fields before the request is approved.</summary>
    [Fact]
    public void Edit_FieldsThatItDoesNotChange_StayAsTheyAre()
    {
        var edit = Store(new TokenEdit("Nightly", "X-1", "An export", new ModuleChoice(false, ["MD-0002"]), RateLimitChoice.None)
        {
            Owner = OwnerChoice.OfUser("user-Operator"), Contact = "ada@example.com", PerpetualReason = "A machine", NoticeDays = "30, 7", StartsAt = Now.AddDays(1),
        }).ToEdit("Present", "Y-1", "Now", Had);

        Assert.Equal(("Present", "Y-1", "Now", Had), (edit.Name, edit.ExternalId, edit.Description, edit.Modules));
        Assert.Equal((null, null, null, null, null, null), (edit.RateLimit, edit.Owner, edit.Contact, edit.PerpetualReason, edit.NoticeDays, edit.StartsAt));
    }

    /// <summary>The modules before the request, the requested ones, the present ones, and those after the approval. Each letter is a module, and * is all together.</summary>
    [Theory]
    [InlineData("A", "AB", "A", "AB")]
    [InlineData("A", "AB", "AC", "ACB")]
    [InlineData("AB", "BC", "ABD", "BDC")]
    [InlineData("AB", "AC", "A", "AC")]
    [InlineData("A", "AB", "AB", "AB")]
    [InlineData("A", "AB", "*", "*")]
    [InlineData("A", "*", "AC", "*")]
    [InlineData("*", "AB", "*", "AB")]
    [InlineData("*", "AB", "C", "CAB")]
    public void Modules_ChangedMeanwhile_AreMerged(string had, string asked, string present, string merged) =>
        Assert.Equal(merged, Write(Store(new TokenEdit("Nightly", null, null, Read(asked)), [EditedField.Modules], Read(had)).MergeModules(Read(present))));

    private static readonly ModuleChoice Had = new(false, ["MD-0007"]);

    private static IEnumerable<string> AllFields => typeof(EditedField).GetFields(BindingFlags.Public | BindingFlags.Static).Select(code => (string)code.GetValue(null)!);

    private static ApprovalContent Store(TokenEdit edit, string[]? changed = null, ModuleChoice? had = null) =>
        ApprovalContent.Read(ApprovalContent.Of(edit, had ?? Had, changed ?? []).Write())!;

    private static ModuleChoice Read(string modules) => modules == "*" ? ModuleChoice.All : new ModuleChoice(false, [.. modules.Select(module => module.ToString())]);

    private static string Write(ModuleChoice choice) => choice.AllModules ? "*" : string.Concat(choice.ModuleIds);

    private static void AssertSame<T>(T expected, T actual)
    {
        foreach (var field in typeof(T).GetProperties(BindingFlags.Instance | BindingFlags.Public).Where(field => !LeftOut.ContainsKey(field.Name)))
        {
            var value = field.GetValue(expected);
            // A field without a value in this test would compare nothing.
            Assert.False(value is null || value.Equals(field.PropertyType.IsValueType ? Activator.CreateInstance(field.PropertyType) : null), field.Name);
            Assert.Equivalent(value, field.GetValue(actual));
        }
    }
}
