namespace Portal.Tests.Browser;

/// <summary>A window size and a color scheme in which a page is checked.</summary>
internal sealed record Look(int Width, int Height, bool IsDark)
{
    public static readonly Look Wide = new(1280, 800, IsDark: false);
    public static readonly Look Narrow = new(390, 844, IsDark: false);
    public static readonly Look Dark = Wide with { IsDark = true };
    public static readonly Look NarrowDark = Narrow with { IsDark = true };

    public override string ToString() => $"{Width} px{(IsDark ? ", dark" : "")}";
}
