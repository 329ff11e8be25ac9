namespace Engine.Tests;

/// <summary>A folder of one test's own, gone with it.</summary>
public sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("engine-test-").FullName;

    public string File(string name) => System.IO.Path.Combine(Path, name);

    public string Write(string name, byte[] bytes)
    {
        System.IO.File.WriteAllBytes(File(name), bytes);
        return File(name);
    }

    /// <summary>A pipe without a writer: opening it waits for ever.</summary>
    public string Pipe(string name)
    {
        if (OperatingSystem.IsWindows()) NUnit.Framework.Assert.Ignore("Windows: folders have no pipes.");
        using var process = System.Diagnostics.Process.Start("mkfifo", [File(name)]);
        process.WaitForExit();
        return File(name);
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
