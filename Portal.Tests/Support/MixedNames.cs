namespace Portal.Tests.Support;

/// <summary>Names of several scripts, with accents, numbers and symbols.</summary>
internal static class MixedNames
{
    /// <summary>Names in the order in which English and German readers expect them.</summary>
    public static readonly string[] InOrder =
    [
        "_internal", "!important", "😀 smile", "2 warehouses", "10 warehouses", "2026-2-3", "2026-11-27", "apple", "Apple 2", "apple 10", "Ärzte", "Arzthelfer",
        "co op", "co-op", "coop", "Éclair", "Edge", "Łódź", "Lodz 2", "Ören", "Oslo", "Straße", "Strasse 2", "Token 1.9", "Token 1.10", "Token 2", "Token 2a", "Token 10",
        "Zebra", "Αθήνα", "Яблоко", "яблоня", "שלום", "عرب", "かな", "日本",
    ];

    private static readonly string[] Parts =
    [
        "a", "A", "ä", "Ä", "a\u0308", "b", "ß", "ss", "é", "e", "E", "ł", "l", "ñ", "n", "ø", "o", "z", "Z", "0", "1", "2", "9", "10", "007", " ", "-", "_", ".", "'", "+", "Ω",
        "ω", "я", "Я", "Ё", "ש", "ب", "か", "カ", "ｶ", "日", "本", "가", "😀", "👩‍💻", "Ｆ", "ﬁ", "²", "\u200B",
    ];

    /// <summary>Creates names that are often similar.</summary>
    public static IReadOnlyList<string> Generate(int count, int mostParts = 8)
    {
        var random = new SeededRandom();
        return [.. Enumerable.Range(0, count).Select(_ => string.Concat(Enumerable.Range(0, random.Next(1, mostParts + 1)).Select(_ => Parts[random.Next(Parts.Length)])))];
    }
}
