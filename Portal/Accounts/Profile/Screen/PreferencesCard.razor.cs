using Portal.Components.Shared;

namespace Portal.Accounts.Profile.Screen;

/// <summary>Saves the preferences and applies them to this browser.</summary>
public sealed partial class PreferencesCard(ProfileService profiles, BrowserScript browser) : ActionComponent
{
    private async Task SaveAsync()
    {
        if (_busy)
            return;
        try
        {
            _busy = true;
            var saved = await profiles.ChangePreferencesAsync(Actor, new UserPreferences(_theme, _language, _zone));
            // The page loads again in the language.
            await browser.ApplyPreferencesAsync(saved.Theme, saved.Language, saved.TimeZone);
        }
        finally
        {
            _busy = false;
        }
    }
}
