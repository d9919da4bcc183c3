namespace Portal.Data.KeyRing;

/// <summary>Holds the only run of a <see cref="KeyRotation"/>, and keeps the ID of its key beyond the end of the process.</summary>
internal interface IRotationMarker : IDisposable
{
    /// <summary>Reads the key of an interrupted run.</summary>
    /// <returns>Null if there is none.</returns>
    Guid? Read();

    void Write(Guid keyId);

    /// <summary>Removes the ID, because everything is done.</summary>
    void Remove();
}
