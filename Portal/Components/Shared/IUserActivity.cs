namespace Portal.Components.Shared;

/// <summary>Notes that the person uses the page: a session without use ends. Refreshes by timers don't count.</summary>
public interface IUserActivity
{
    void Note();
}
