using System.Text.Json;

namespace Engine.Peers;

/// <summary>The results as JSON: an array of {name, group, engine_ms, libtorch_ms, ratio, roofline}. A place that cannot be written to is known before anything is
/// timed, and the file is never half there: what is written goes to FILE.part first.</summary>
internal sealed class ResultsFile
{
    private readonly string path, part;

    /// <exception cref="UsageException">The file cannot be written.</exception>
    public ResultsFile(string path)
    {
        (this.path, part) = (path, path + ".part");
        if (Directory.Exists(path)) throw new UsageException($"--json {path}: that is a folder. Name a file in it.");
        if (File.Exists(path) && File.GetAttributes(path).HasFlag(FileAttributes.ReadOnly)) throw new UsageException($"--json {path}: the file is there and may not be written. Name another.");
        try
        {
            File.Create(part).Dispose();
            File.Delete(part);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new UsageException($"--json {path} cannot be written: {e.Message} Name a file in a folder that exists and is yours.", e);
        }
    }

    /// <summary>Writes the whole file, or nothing.</summary>
    public void Write(IEnumerable<Result> results)
    {
        try
        {
            using (var stream = File.Create(part)) Write(stream, results);
            File.Move(part, path, overwrite: true);
        }
        finally
        {
            File.Delete(part);
        }
    }

    /// <summary>The array alone.</summary>
    public static void Write(Stream stream, IEnumerable<Result> results)
    {
        using var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true });
        json.WriteStartArray();
        foreach (var result in results)
        {
            json.WriteStartObject();
            json.WriteString("name", result.Name);
            json.WriteString("group", result.Group.ToString().ToLowerInvariant());
            json.WriteNumber("engine_ms", Short(result.Times.EngineSeconds * 1000));
            json.WriteNumber("libtorch_ms", Short(result.Times.LibtorchSeconds * 1000));
            json.WriteNumber("ratio", Short(result.Times.Ratio));
            json.WriteNumber("roofline", Short(result.Roofline));
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    /// <summary>Five digits that count: more are noise.</summary>
    private static double Short(double x) => x == 0 ? 0 : Math.Round(x, Math.Clamp(4 - (int)Math.Floor(Math.Log10(Math.Abs(x))), 0, 15));
}
