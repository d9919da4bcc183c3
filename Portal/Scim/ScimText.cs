namespace Portal.Scim;

/// <summary>Texts of clients in error messages.</summary>
internal static class ScimText
{
    private const int Longest = 60;

    /// <summary>Quotes a text, shortened for a message.</summary>
    public static string Quote(string text) => text.Length <= Longest ? $"\"{text}\"" : $"\"{text[..Longest]}…\"";
}
