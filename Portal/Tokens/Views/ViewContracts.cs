namespace Portal.Tokens.Views;

/// <summary>A saved view of the token list.</summary>
/// <param name="Address">The query of the list's address: <c>status=expiring&amp;sort=name</c>; empty for the list without filters.</param>
/// <param name="IsShared">Whether every user of the account sees it.</param>
/// <param name="MayChange">Whether the actor may replace or delete it.</param>
public sealed record TokenView(long Id, string Name, string Address, bool IsShared, bool MayChange);

/// <summary>The result of saving or deleting a view.</summary>
public abstract record ViewOutcome
{
    private ViewOutcome()
    {
    }

    public sealed record Done : ViewOutcome;

    /// <summary>The name or the view isn't valid.</summary>
    /// <param name="Message">What to change, in the reader's language.</param>
    public sealed record Invalid(string Message) : ViewOutcome;

    /// <summary>The view was already deleted.</summary>
    public sealed record NotFound : ViewOutcome;
}
