namespace Engine.Layers;

/// <summary>How far a download has come.</summary>
/// <param name="File">The file's name.</param>
/// <param name="Bytes">Bytes on the disk, those of an earlier, broken-off download included.</param>
/// <param name="Total">Bytes of the whole file; null where the server does not say.</param>
/// <param name="BytesPerSecond">Speed since the connection was made.</param>
public readonly record struct DownloadProgress(string File, long Bytes, long? Total, double BytesPerSecond);
