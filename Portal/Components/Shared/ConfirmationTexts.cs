using System.Globalization;
using Portal.Data.Nodes;
using Portal.Localization;

namespace Portal.Components.Shared;

/// <summary>Says on which nodes a change is in force.</summary>
internal static class ConfirmationTexts
{
    public static string Describe(ChangeProgress progress) => Texts.Nodes_Progress.With(progress.Confirmed, progress.Nodes);

    /// <returns>Null if no node may still act by the state before the change.</returns>
    public static string? Warn(IReadOnlyList<UnconfirmedNode> nodes)
    {
        if (nodes.Count == 0)
            return null;
        var until = nodes.Max(node => node.Until).ToString("HH:mm:ss", CultureInfo.InvariantCulture);
        return nodes.Any(node => node.Name is null)
            ? Texts.Nodes_UnconfirmedByAny.With(until)
            : Texts.Nodes_UnconfirmedBy.With(string.Join(", ", nodes.Select(node => node.Name)), until);
    }
}
