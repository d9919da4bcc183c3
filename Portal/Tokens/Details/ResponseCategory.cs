using Portal.Localization;
using Portal.Statistics;

namespace Portal.Tokens.Details;

/// <summary>A category of responses with the same first digit of the status code. Its texts are looked up when they are shown.</summary>
public sealed record ResponseCategory(
    Func<string> Title, Func<string> Name, Func<string> Meaning, Func<string> Count, string Code, Func<ResponseCounts, long> Of)
{
    private static readonly ResponseCategory ServerErrors =
        new(() => Texts.Statistics_500, () => Texts.Statistics_500Name, () => Texts.Statistics_500Meaning, () => Texts.Statistics_500Count, "500", counts => counts.ServerError);

    private static readonly ResponseCategory[] AlwaysShown =
    [
        new(() => Texts.Statistics_200, () => Texts.Statistics_200Name, () => Texts.Statistics_200Meaning, () => Texts.Statistics_200Count, "200", counts => counts.Success),
        new(() => Texts.Statistics_300, () => Texts.Statistics_300Name, () => Texts.Statistics_300Meaning, () => Texts.Statistics_300Count, "300", counts => counts.Redirection),
        new(() => Texts.Statistics_400, () => Texts.Statistics_400Name, () => Texts.Statistics_400Meaning, () => Texts.Statistics_400Count, "400", counts => counts.ClientError),
    ];

    /// <summary>The categories to show: server errors only if there are any.</summary>
    public static IReadOnlyList<ResponseCategory> For(bool withServerErrors) => withServerErrors ? [.. AlwaysShown, ServerErrors] : AlwaysShown;

    /// <summary>The class of elements in the colour of the category.</summary>
    public string Css => "series-" + Code;
}
