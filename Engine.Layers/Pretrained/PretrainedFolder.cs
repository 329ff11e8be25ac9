using System.Text.Json;

namespace Engine.Layers;

/// <summary>The weights of a folder in Hugging Face's form: model.safetensors, or shards and model.safetensors.index.json.</summary>
/// <remarks>A folder from elsewhere is data: nothing of it is run, and no name in it leads out of it. Links of the file system are followed, since Hugging
/// Face's cache is made of them.</remarks>
internal sealed partial class PretrainedFolder : IDisposable
{
    public const string WeightsName = "model.safetensors", IndexName = "model.safetensors.index.json";

    private readonly string folder;
    private readonly List<SafetensorsFile> files = [];
    private readonly Dictionary<string, SafetensorsFile> fileOf = [];

    /// <summary>Opens the weights; their headers are checked, and nothing more is read.</summary>
    /// <exception cref="PretrainedException">There are no weights, the index is not valid, or a shard is missing or lacks what the index says it has.</exception>
    /// <exception cref="SafetensorsException">A file is not valid.</exception>
    public PretrainedFolder(string folder)
    {
        this.folder = folder;
        string whole = Path.Combine(folder, WeightsName), index = Path.Combine(folder, IndexName);
        try
        {
            if (File.Exists(whole))
            {
                var file = Open(whole);
                foreach (string name in file.Names) fileOf.Add(name, file);
            }
            else if (File.Exists(index)) OpenShards(index);
            else throw NoWeights();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Refuses to make a model that is far larger than the weights, before its memory is taken.</summary>
    /// <param name="numbers">How many numbers config.json makes it.</param>
    /// <exception cref="PretrainedException">It is larger.</exception>
    public void RequireRoom(double numbers)
    {
        double held = fileOf.Sum(f => (double)f.Value[f.Key].Count);
        if (numbers > 2 * held + 1e6)
            throw new PretrainedException(Path.Combine(folder, ConfigFile.Name), null, FormattableString.Invariant($"its sizes make a model of {numbers:N0} numbers, and the weights have {held:N0}. Take the {ConfigFile.Name} that belongs to them."));
    }

    /// <summary>Lets go of the files. What was loaded stays good.</summary>
    public void Dispose()
    {
        foreach (var file in files) file.Dispose();
    }

    /// <summary>The object of a JSON file of a folder.</summary>
    /// <exception cref="PretrainedException">There is no such file, or it is not valid.</exception>
    public static JsonElement ReadJson(string path)
        => FileSize.Of(path) is null ? throw new PretrainedException(path, null, "there is no such file. Name a folder that Hugging Face's save_pretrained or SavePretrained wrote.")
        : JsonFile.Read(path, (problem, inner) => new PretrainedException(path, null, problem, inner));

    private SafetensorsFile Open(string path)
    {
        var file = SafetensorsFile.Open(path, changeable: true);
        files.Add(file);
        return file;
    }

    private void OpenShards(string index)
    {
        if (!ReadJson(index).TryGetProperty("weight_map", out var map) || map.ValueKind != JsonValueKind.Object)
            throw new PretrainedException(index, "weight_map", "it is missing or no object. It must say in which file each tensor is.");
        var shards = new Dictionary<string, SafetensorsFile>();
        foreach (var entry in map.EnumerateObject())
        {
            if (entry.Value.ValueKind != JsonValueKind.String) throw new PretrainedException(index, entry.Name, "its file is no text.");
            string shard = entry.Value.GetString()!;
            if (!shards.TryGetValue(shard, out var file))
            {
                if (!IsPlain(shard)) throw new PretrainedException(index, entry.Name, $"its file is called '{shard}'. A shard is a .safetensors file of the folder itself, and nothing outside is opened.");
                string path = Path.Combine(folder, shard);
                if (!File.Exists(path)) throw new PretrainedException(path, null, $"this shard is missing, and {IndexName} has '{entry.Name}' in it. Get it, too.");
                shards.Add(shard, file = Open(path));
            }
            if (!file.Contains(entry.Name)) throw new PretrainedException(file.Path, entry.Name, $"{IndexName} says that it is in this shard, and it is not. Get index and shards from one place.");
            if (!fileOf.TryAdd(entry.Name, file)) throw new PretrainedException(index, entry.Name, "it is there twice.");
        }
    }

    /// <summary>A file's name, and no path.</summary>
    private static bool IsPlain(string name)
        => name.EndsWith(".safetensors", StringComparison.Ordinal) && name.AsSpan().IndexOfAny(['/', '\\', ':', '\0']) < 0;

    private PretrainedException NoWeights()
    {
        if (!Directory.Exists(folder)) return new(folder, null, "there is no such folder. Models are read from folders on this machine; get one first.");
        string[] pickles = [.. Directory.EnumerateFiles(folder, "*.bin").Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal)];
        return new(folder, null, $"it has neither {WeightsName} nor {IndexName}.{(pickles.Length == 0 ? "" : $" {pickles[0]} is a pickle, a program rather than data, and is not read: save it as safetensors.")}");
    }
}
