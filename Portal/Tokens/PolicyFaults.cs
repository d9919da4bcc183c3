using Portal.Access;
using Portal.Localization;
using Portal.Policies;

namespace Portal.Tokens;

/// <summary>Says what to do about a <see cref="PolicyViolation"/>, after its own sentence.</summary>
public static class PolicyFaults
{
    /// <summary>The error message at the field with which the violation can be corrected.</summary>
    public static Fault Of(PolicyViolation violation, Actor actor) =>
        Of(violation, mayAddAddresses: actor.Kind == ActorKind.User && actor.May(Role.Administrator));

    /// <summary>The same, if only the expiration of a key is chosen.</summary>
    public static Fault Of(PolicyViolation violation) => Of(violation, mayAddAddresses: false);

    /// <summary>The reason why a token can't be enabled.</summary>
    public static string BeforeEnabling(PolicyViolation violation) => Join(violation.Sentence, violation.Rule switch
    {
        PolicyRule.PerpetualReason => Texts.Policy_EnableReason,
        PolicyRule.Addresses => Texts.Policy_EnableAddresses,
        _ => Texts.Policy_EnableExpiration,
    });

    private static Fault Of(PolicyViolation violation, bool mayAddAddresses) => new(FieldOf(violation.Rule), Join(violation.Sentence, Advise(violation.Rule, mayAddAddresses)));

    private static string Join(string sentence, string advice) => $"{sentence} {advice}";

    private static TokenField FieldOf(PolicyRule rule) => rule switch
    {
        PolicyRule.PerpetualReason => TokenField.PerpetualReason,
        PolicyRule.TokensPerExtension => TokenField.Extension,
        PolicyRule.TokensPerOwner => TokenField.Owner,
        PolicyRule.Addresses => TokenField.Addresses,
        _ => TokenField.Expiration,
    };

    private static string Advise(PolicyRule rule, bool mayAddAddresses) => rule switch
    {
        PolicyRule.MaximumLifetime => Texts.Policy_SelectEarlier,
        PolicyRule.PerpetualReason => Texts.Policy_EnterReason,
        PolicyRule.TokensPerExtension => Texts.Policy_DeleteSome,
        PolicyRule.TokensPerOwner => Texts.Policy_OtherOwner,
        PolicyRule.Addresses => mayAddAddresses ? Texts.Policy_AddAddress : Texts.Policy_AskForAddresses,
        _ => Texts.Policy_SelectExpiration,
    };
}
