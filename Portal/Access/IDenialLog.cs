namespace Portal.Access;

/// <summary>Records attempts that <see cref="AccessControl"/> refused.</summary>
public interface IDenialLog
{
    /// <summary>Notes an attempt. Returns at once, so that attempts can't slow anything.</summary>
    /// <param name="operation">What the actor tried, such as <c>IpRuleService.Remove</c>.</param>
    void Note(Actor actor, Role needed, string operation);
}
