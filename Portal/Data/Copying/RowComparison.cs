using Microsoft.EntityFrameworkCore.ChangeTracking;

namespace Portal.Data.Copying;

/// <summary>Compares rows of two databases by the values of their columns.</summary>
internal static class RowComparison
{
    public static bool AreEqual(PortalDbContext from, object row, PortalDbContext to, object copy)
    {
        var (first, second) = (from.Entry(row), to.Entry(copy));
        return first.Properties.All(property => AreEqual(property, second.Property(property.Metadata.Name)))
            && first.References.Where(reference => reference.Metadata.TargetEntityType.IsOwned()).All(
                reference => AreEqual(from, reference.CurrentValue!, to, second.Reference(reference.Metadata.Name).CurrentValue!));
    }

    private static bool AreEqual(PropertyEntry first, PropertyEntry second)
    {
        // A number of the type of enumeration that the property has, a time in microseconds, or the value itself.
        var (left, right) = (Stored(first), Stored(second));
        return left is byte[] bytes && right is byte[] others ? bytes.AsSpan().SequenceEqual(others)
            : left is string[] texts && right is string[] otherTexts ? texts.AsSpan().SequenceEqual(otherTexts)
            : Equals(left, right);
    }

    private static object? Stored(PropertyEntry property) => property.CurrentValue is DateTime time
        ? time.AddTicks(-(time.Ticks % TimeSpan.TicksPerMicrosecond))
        : property.CurrentValue;
}
