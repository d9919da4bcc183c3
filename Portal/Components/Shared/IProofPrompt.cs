namespace Portal.Components.Shared;

/// <summary>Asks the person to prove who they are, because an action needs it.</summary>
public interface IProofPrompt
{
    /// <returns>False if the person canceled.</returns>
    Task<bool> AskAsync();
}
