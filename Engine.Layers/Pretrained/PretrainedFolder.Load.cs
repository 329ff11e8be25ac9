using Engine.Core;
using Engine.Kernels;

namespace Engine.Layers;

internal sealed partial class PretrainedFolder
{
    /// <summary>Some rows of a parameter, and where they are read.</summary>
    private readonly record struct Part(Buffer To, int FirstRow, int Rows, SafetensorsFile File, string Name, bool Transposed)
    {
        public bool IsWhole => Rows == To.Shape[0] && !Transposed;
    }

    /// <summary>Loads a model that was just made on the processor, all of it or nothing. What stands in the file as it is here lives on the mapped file; the
    /// rest is copied from there once.</summary>
    /// <param name="model">The model; what it was made with is lost.</param>
    /// <param name="names">Its parameters' names.</param>
    /// <param name="draw">Draws those that may be missing; null where none may.</param>
    /// <exception cref="PretrainedException">A parameter is there under two names.</exception>
    /// <exception cref="WeightsException">A parameter is missing, or of another shape or type; all that are are listed.</exception>
    public LoadReport Load(Layer model, PretrainedNames names, Action<Parameter>? draw)
    {
        var found = Find(names);
        var parts = new List<Part>();
        var drawn = new List<Parameter>();
        var used = new HashSet<string>();
        List<string> missing = [], drawnNames = [], mismatched = [];
        foreach (var (path, buffer) in model.State())
        {
            var weight = names.Of(path);
            string[] lacking = [.. weight.Names.Where(name => !found.ContainsKey(names.Bare(name)))];
            if (lacking.Length == 0)
            {
                int rows = buffer.Shape[0] / weight.Names.Count;
                for (int i = 0; i < weight.Names.Count; i++)
                {
                    string bare = names.Bare(weight.Names[i]);
                    var (file, name) = found[bare];
                    used.Add(bare);
                    var part = new Part(buffer, i * rows, rows, file, name, weight.Transposed);
                    if (Fits(part, out string shape)) parts.Add(part);
                    else mismatched.Add($"{name} is {file[name].Shape} {file[name].Type} in the folder and {shape} in the model{(names.Sizes.TryGetValue(bare, out string? fields) ? $" ({fields} of {ConfigFile.Name})" : "")}");
                }
            }
            else if (draw is not null && lacking.Length == weight.Names.Count && buffer is Parameter parameter && names.MayBeDrawn(path))
            {
                drawn.Add(parameter);
                drawnNames.AddRange(lacking);
            }
            else missing.AddRange(lacking);
        }
        if (missing.Count > 0 || mismatched.Count > 0)
            throw new WeightsException(folder, missing, [], mismatched, $"Take the {ConfigFile.Name} that belongs to the weights{(draw is null ? ", and give an rng where a head may be newly drawn" : "")}.");
        foreach (var part in parts) Read(part);
        foreach (var parameter in drawn) draw!(parameter);
        Device.Cpu.Trim();                                          // what the model was made with; nobody touched it, nor what stays of it beside fused parts
        return new LoadReport(folder, drawnNames, [.. found.Where(f => !used.Contains(f.Key)).Select(f => f.Value.Name).Order(StringComparer.Ordinal)]);
    }

    /// <summary>What the folder has, by its bare name.</summary>
    private Dictionary<string, (SafetensorsFile File, string Name)> Find(PretrainedNames names)
    {
        var found = new Dictionary<string, (SafetensorsFile, string Name)>();
        foreach (var (name, file) in fileOf)
        {
            string bare = names.Bare(name);
            if (names.PassedOver(bare)) continue;
            if (!found.TryAdd(bare, (file, name))) throw new PretrainedException(folder, name, $"it is the same parameter as {found[bare].Name}, and only one can be loaded.");
        }
        foreach (var (other, own) in names.Tied)
            if (found.Remove(other, out var tied)) found.TryAdd(own, tied);
        return found;
    }

    private static bool Fits(Part part, out string shape)
    {
        var own = part.To.Shape;
        int[] sizes = [part.Rows, .. own.Sizes[1..]];
        if (part.Transposed && sizes.Length == 2) Array.Reverse(sizes);
        shape = new Shape(sizes).ToString();
        var entry = part.File[part.Name];
        return entry.Sizes.SequenceEqual(sizes.Select(size => (long)size)) && entry.DType is { } dtype && dtype.IsFloat();
    }

    private static void Read(Part part)
    {
        var source = part.File.Read(part.Name);
        if (part.IsWhole && source.DType == DType.Float32)
        {
            part.To.TakeOver(source);
            return;
        }
        var to = part.To.Value;
        int columns = to.Shape.Product(1, to.Rank);
        var rows = to.View.Slice(part.FirstRow * columns, part.Rows * columns);
        if (part.Transposed && to.Rank == 2) Transpose(source, rows, part.Rows, columns);
        else if (source.DType == DType.Float32) Device.Cpu.StridedCopy(source.View, rows, CopySizes.Merge([rows.Length], [1], [1]));
        else Device.Cpu.Cast(source.View, rows);
        GC.KeepAlive(source);
    }

    private static void Transpose(Tensor source, View rows, int height, int width)
    {
        using var scope = Device.Cpu.Scope(nameof(Load));
        var floats = source.Cast(DType.Float32);
        Device.Cpu.StridedCopy(floats.View, rows, CopySizes.Merge([height, width], [1, height], [width, 1]));
    }
}
