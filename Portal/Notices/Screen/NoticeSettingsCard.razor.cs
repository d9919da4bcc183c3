using Microsoft.AspNetCore.Components;
using MudBlazor;
using Portal.Access;
using Portal.Components.Shared;
using Portal.Data;
using Portal.Localization;

namespace Portal.Notices.Screen;

/// <summary>Changes the actor's own settings for notices.</summary>
public sealed partial class NoticeSettingsCard(NoticeSettingsService settings, Messages messages) : ActionComponent
{
    private HashSet<string>? _kinds;
    private NoticeDigest _digest;
    private bool _allTokens, _busy;

    [Parameter, EditorRequired]
    public Actor Actor { get; set; } = default!;

    private static IEnumerable<(string, string)> Digests =>
        [(nameof(NoticeDigest.Off), Texts.NoticeSettings_AtOnce), (nameof(NoticeDigest.Daily), Texts.NoticeSettings_Daily), (nameof(NoticeDigest.Weekly), Texts.NoticeSettings_Weekly)];

    protected override async Task OnInitializedAsync() => Show(await settings.ReadAsync(Actor));

    private void Show(NoticeChoice choice) => (_kinds, _digest, _allTokens) = (NoticeKind.All.Except(choice.Muted).ToHashSet(StringComparer.Ordinal), choice.Digest, choice.AllTokens);

    private void Toggle(string kind, bool wanted)
    {
        if (wanted)
            _kinds!.Add(kind);
        else
            _kinds!.Remove(kind);
    }

    private async Task SaveAsync()
    {
        if (_busy)
            return;
        try
        {
            _busy = true;
            Show(await settings.SaveAsync(Actor, new NoticeChoice(_digest, NoticeKind.All.Except(_kinds!).ToHashSet(StringComparer.Ordinal), _allTokens)));
            messages.Show(Texts.NoticeSettings_Saved, Severity.Success);
        }
        finally
        {
            _busy = false;
        }
    }
}
