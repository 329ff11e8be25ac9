using System.Text.Json;

namespace Engine.Layers;

/// <summary>A small JSON file with an object in it.</summary>
internal static class JsonFile
{
    private const int MostBytes = 64 << 20;

    /// <summary>The object.</summary>
    /// <exception cref="PretrainedException">There is no such file, it is too large, or it holds no JSON object.</exception>
    public static JsonElement Read(string path)
    {
        var info = new FileInfo(path);
        if (!info.Exists) throw new PretrainedException(path, null, "there is no such file. Name a folder that Hugging Face's save_pretrained or SavePretrained wrote.");
        // Pipes and devices have no length, and opening one may wait for ever.
        if (info.Length == 0) throw new PretrainedException(path, null, "it is empty.");
        if (info.Length > MostBytes) throw new PretrainedException(path, null, $"it has {info.Length:N0} bytes, and {MostBytes:N0} are read at most. It is not the file that its name says.");
        try
        {
            using var json = JsonDocument.Parse(File.ReadAllBytes(path));
            return json.RootElement.ValueKind == JsonValueKind.Object
                ? json.RootElement.Clone()
                : throw new PretrainedException(path, null, $"it holds a JSON {json.RootElement.ValueKind}, and an object was to be read.");
        }
        catch (JsonException e)
        {
            throw new PretrainedException(path, null, $"it is no JSON: {e.Message}", e);
        }
    }
}
