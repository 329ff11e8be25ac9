using Engine.Core;

namespace Engine.Layers;

/// <summary>Files that are read one after another.</summary>
internal sealed class FileOrder
{
    private readonly string[] paths;
    private readonly bool shuffle;

    /// <exception cref="FileNotFoundException">One of them is not there.</exception>
    public FileOrder(IEnumerable<string> paths, bool shuffle)
    {
        ArgumentNullException.ThrowIfNull(paths);
        (this.paths, this.shuffle) = ([.. paths], shuffle);
        foreach (string path in this.paths)
            if (!File.Exists(path)) throw new FileNotFoundException($"There is no file {path}.", path);
    }

    public IEnumerable<string> Of(Rng rng) => shuffle ? rng.Permutation(paths.Length).Select(i => paths[i]) : paths;
}
