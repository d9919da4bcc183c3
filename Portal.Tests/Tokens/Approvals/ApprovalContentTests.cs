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

        AssertSame(edit, ApprovalContent.Read(ApprovalContent.Of(edit, Guid.CreateVersion7()).Write())!.ToEdit());
    }

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
