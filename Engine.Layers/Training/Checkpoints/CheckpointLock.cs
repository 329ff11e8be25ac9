namespace Engine.Layers;

/// <summary>A run's claim to a folder of checkpoints, until it is disposed or the process ends, however it ends.</summary>
internal sealed class CheckpointLock : IDisposable
{
    /// <summary>What an open file that is not shared gives: ERROR_SHARING_VIOLATION, EWOULDBLOCK on Linux, and on macOS.</summary>
    private const int WindowsShared = unchecked((int)0x80070020), LinuxLocked = 11, MacLocked = 35;

    private readonly FileStream file;

    private CheckpointLock(FileStream file) => this.file = file;

    /// <summary>Takes the folder, which is made if it is not there.</summary>
    /// <exception cref="CheckpointException">Another run has it, or it cannot be written to.</exception>
    public static CheckpointLock Take(string folder)
    {
        try
        {
            Directory.CreateDirectory(folder);
            return new(new FileStream(Path.Combine(folder, ".lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (IOException e) when (e.HResult is WindowsShared or LinuxLocked or MacLocked)
        {
            throw new CheckpointException(folder, "another run is saving its checkpoints there. Wait for its end, or give this one another folder.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CheckpointException(folder, $"checkpoints cannot be written there, and training did not begin: {e.Message}", e);
        }
    }

    public void Dispose() => file.Dispose();
}
