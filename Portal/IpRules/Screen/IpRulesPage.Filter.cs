using Microsoft.AspNetCore.Components.Routing;
using Portal.Components.Shared;
using Portal.Localization;
using Portal.Tokens.Reading;

namespace Portal.IpRules.Screen;

/// <content>The filter of the list, the search for tokens, and the question before leaving.</content>
public sealed partial class IpRulesPage
{
    private async Task ReadAddressAsync()
    {
        _query = IpRuleListAddress.Parse(new Uri(navigation.Uri));
        _token = _query.Handle is { } handle ? await FindAsync(handle) : null;
    }

    private void OnLocationChanged(object? sender, LocationChangedEventArgs change)
    {
        var address = navigation.ToBaseRelativePath(change.Location);
        if (!_pending.Remove(address) && IpRuleListAddress.IsList(address))
            _ = InvokeAsync(ReloadAsync);
    }

    /// <summary>Callers don't await it, so it reports its own errors.</summary>
    private async Task ReloadAsync()
    {
        try
        {
            await ReadAddressAsync();
            await LoadAsync();
        }
        catch (Exception exception)
        {
            await ReportAsync(exception);
        }
    }

    private void GoTo(IpRuleListQuery query)
    {
        if (query == _query)
            return;
        if (query.Handle != _token?.Handle)
            _token = null;
        var isTyping = query.Search != _query.Search && _query.Search.Length > 0;
        _query = query;
        var address = IpRuleListAddress.Write(query);
        if (address != navigation.ToBaseRelativePath(navigation.Uri))
            _pending.Add(address);
        navigation.NavigateTo(address, replace: isTyping);
    }

    private void FilterBy(IpRuleToken? token)
    {
        _token = token;
        GoTo(_query with { Handle = token?.Handle, Page = 1 });
    }

    private async Task<IReadOnlyList<IpRuleToken>> SearchAsync(string text, CancellationToken cancellation)
    {
        var query = new TokenQuery { Search = text[..Math.Min(text.Length, TokenQuery.LongestSearch)], Sort = TokenSort.Name, Descending = false, PageSize = MostSuggested };
        return [.. (await reader.ListAsync(_actor!, query, cancellation)).Rows.Select(row => new IpRuleToken(row.Handle, row.Name))];
    }

    private async Task<IpRuleToken?> FindAsync(string handle) =>
        await reader.FindAsync(_actor!, handle) is { } token ? new IpRuleToken(token.Handle, token.Name) : null;

    /// <summary>The name of the token for a question; its handle if there is no such token, and null for all tokens.</summary>
    private async Task<string?> NameAsync(string? written) =>
        string.IsNullOrWhiteSpace(written) ? null
        : IpRuleChecks.ReadHandle(written) is { } handle && await FindAsync(handle) is { } token ? token.Name
        : written.Trim();

    private async Task AskBeforeLeavingAsync(LocationChangingContext change)
    {
        if (_form is not { IsDirty: true } form || IpRuleListAddress.IsList(navigation.ToBaseRelativePath(navigation.ToAbsoluteUri(change.TargetLocation).ToString())))
            return;
        if (await ConfirmDialog.AskAsync(dialogs, Texts.IpRules_LeaveTitle, [Texts.IpRules_Leave], Texts.TokenEdit_Discard, danger: true, cancel: Texts.TokenEdit_KeepEditing))
            await form.ForgetAsync();
        else
            change.PreventNavigation();
    }
}
