using Microsoft.AspNetCore.Components;
using Portal.Access;
using Portal.Components.Shared;

namespace Portal.Notices.Screen;

/// <summary>Creates, renews and ends the address of the actor's own calendar.</summary>
public sealed partial class CalendarCard(CalendarService calendars, NavigationManager navigation) : ActionComponent
{
    private CalendarState? _state;
    private string? _address;
    private bool _busy;

    [Parameter, EditorRequired]
    public Actor Actor { get; set; } = default!;

    protected override async Task OnInitializedAsync() => _state = await calendars.ReadAsync(Actor);

    private Task RenewAsync() => ChangeAsync(async () => _address = navigation.BaseUri + await calendars.RenewAsync(Actor));

    private Task EndAsync() => ChangeAsync(async () =>
    {
        await calendars.EndAsync(Actor);
        _address = null;
    });

    private async Task ChangeAsync(Func<Task> change)
    {
        if (_busy)
            return;
        try
        {
            _busy = true;
            await change();
            _state = await calendars.ReadAsync(Actor);
        }
        finally
        {
            _busy = false;
        }
    }
}
