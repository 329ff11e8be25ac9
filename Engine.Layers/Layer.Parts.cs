using System.Globalization;
using Engine.Core;
using Engine.Kernels;

namespace Engine.Layers;

public abstract partial class Layer
{
    private readonly List<(string Name, Buffer Buffer)> own = [];
    private readonly List<(string Name, Layer Layer)> children = [];
    private Layer? parent;
    private string name = "";

    /// <summary>The path from the outermost layer, <c>features.3</c>; empty for the outermost itself.</summary>
    public string Path => parent is null ? name : parent.Join(name);

    /// <summary>The layers registered in this one, in order.</summary>
    public IEnumerable<KeyValuePair<string, Layer>> Children => children.Select(c => KeyValuePair.Create(c.Name, c.Layer));

    /// <summary>This layer's own parameters and buffers, those within apart.</summary>
    internal IEnumerable<Buffer> Own => own.Select(b => b.Buffer);

    /// <summary>The parameters of this layer and of all within, each once.</summary>
    public IReadOnlyList<Parameter> Parameters
    {
        get
        {
            var found = new List<Parameter>();
            Gather(new HashSet<Buffer>(ReferenceEqualityComparer.Instance), found);
            return found;
        }
    }

    // In the order of State, without the names, which cost more than all else.
    private void Gather(HashSet<Buffer> seen, List<Parameter> found)
    {
        foreach (var (_, buffer) in own)
            if (buffer is Parameter parameter && seen.Add(parameter)) found.Add(parameter);
        foreach (var (_, layer) in children) layer.Gather(seen, found);
    }

    /// <summary>The buffers that are no parameters, of this layer and of all within, each once.</summary>
    public IReadOnlyList<Buffer> Buffers => [.. NamedBuffers().Select(b => b.Value)];

    /// <summary>How many numbers training may change or leave frozen.</summary>
    public long ParameterCount => NamedParameters().Sum(p => (long)p.Value.Shape.Count);

    /// <summary>The parameters by their path from this layer.</summary>
    public IEnumerable<KeyValuePair<string, Parameter>> NamedParameters()
        => from s in State() where s.Value is Parameter select KeyValuePair.Create(s.Key, (Parameter)s.Value);

    /// <summary>The buffers that are no parameters by their path from this layer.</summary>
    public IEnumerable<KeyValuePair<string, Buffer>> NamedBuffers() => State().Where(s => s.Value is not Parameter);

    /// <summary>Parameters and buffers by their path from this layer, <c>features.0.weight</c>: what a weight file holds. One that several
    /// layers share comes once, under its first name.</summary>
    public IEnumerable<KeyValuePair<string, Buffer>> State() => State("", new HashSet<Buffer>(ReferenceEqualityComparer.Instance));

    private IEnumerable<KeyValuePair<string, Buffer>> State(string prefix, HashSet<Buffer> seen)
    {
        foreach (var (name, buffer) in own)
            if (seen.Add(buffer)) yield return KeyValuePair.Create(prefix + name, buffer);
        foreach (var (name, layer) in children)
            foreach (var state in layer.State($"{prefix}{name}.", seen)) yield return state;
    }

    /// <summary>Forgets every gradient.</summary>
    public void ZeroGrad()
    {
        foreach (var (_, buffer) in own) (buffer as Parameter)?.ZeroGrad();
        foreach (var (_, layer) in children) layer.ZeroGrad();
    }

    /// <summary>Freezes every parameter, or makes it trainable again.</summary>
    public void SetTrainable(bool trainable)
    {
        foreach (var (_, parameter) in NamedParameters()) parameter.Trainable = trainable;
    }

    /// <summary>Makes a part of this layer: called in the constructor.</summary>
    /// <returns>The layer given.</returns>
    /// <exception cref="ArgumentException">The name is empty, taken, or has a dot in it; or the layer would hold itself.</exception>
    protected T Register<T>(string name, T layer) where T : Layer
    {
        ArgumentNullException.ThrowIfNull(layer);
        RequireNew(name);
        for (var outer = this; outer is not null; outer = outer.parent)
            if (ReferenceEquals(outer, layer)) throw new ArgumentException($"{layer.Title} cannot be a part of itself.", nameof(layer));
        children.Add((name, layer));
        layer.parent ??= this;                                      // a layer used twice goes by its first name
        if (layer.parent == this && layer.name.Length == 0) layer.name = name;
        layer.Rename();
        return layer;
    }

    /// <summary>Makes a parameter part of this layer, one that another layer owns too for instance.</summary>
    /// <returns>The parameter given.</returns>
    /// <inheritdoc cref="Register{T}(string, T)"/>
    protected Parameter Register(string name, Parameter parameter)
    {
        Add(name, parameter);
        return parameter;
    }

    /// <summary>A new parameter of this layer: called in the constructor.</summary>
    /// <param name="name">Its name within the layer, "weight".</param>
    /// <param name="value">Its first numbers, which it takes over.</param>
    /// <exception cref="ArgumentException">The name is empty, taken, or has a dot in it.</exception>
    protected Parameter NewParameter(string name, Tensor value) => Register(name, new Parameter(name, value));

    /// <summary>A new parameter of this layer, its first numbers drawn.</summary>
    /// <inheritdoc cref="NewParameter(string, Tensor)"/>
    protected Parameter NewParameter(string name, Shape shape, Init init, Rng rng)
    {
        ArgumentNullException.ThrowIfNull(rng);
        return NewParameter(name, init.Draw(shape, rng));
    }

    /// <summary>A new buffer of this layer: called in the constructor.</summary>
    /// <inheritdoc cref="NewParameter(string, Tensor)"/>
    protected Buffer NewBuffer(string name, Tensor value)
    {
        var buffer = new Buffer(name, value);
        Add(name, buffer);
        return buffer;
    }

    private void Add(string name, Buffer buffer)
    {
        RequireNew(name);
        own.Add((name, buffer));
        buffer.Owner ??= this;                                      // one that several layers share goes by its first name
        Rename();
    }

    private void RequireNew(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (name.Contains('.')) throw new ArgumentException($"'{name}' has a dot, which separates the names of a path.", nameof(name));
        if (own.Any(b => b.Name == name) || children.Any(c => c.Name == name))
            throw new ArgumentException($"{Title} has a '{name}' already.", nameof(name));
    }

    private void Rename()
    {
        foreach (var (name, buffer) in own)
            if (buffer.Owner == this) buffer.Name = Join(name);
        foreach (var (_, layer) in children) layer.Rename();
    }

    private string Join(string name) => Path is { Length: > 0 } path ? $"{path}.{name}" : name;

    /// <summary>The layers within as a tree, a line each: name, kind and settings, and how many numbers its parameters have.</summary>
    public override string ToString()
    {
        var lines = new List<(string Text, long Count)>();
        AddLines("", "", lines);
        int width = lines.Max(l => l.Text.Length);
        return string.Join('\n', lines.Select(l => l.Count == 0 ? l.Text : string.Create(CultureInfo.InvariantCulture, $"{l.Text.PadRight(width)}{l.Count,14:N0}")));
    }

    private void AddLines(string indent, string label, List<(string, long)> lines)
    {
        lines.Add(($"{indent}{label}{Title}", ParameterCount));
        foreach (var (name, child) in children) child.AddLines(indent + "  ", $"{name}: ", lines);
    }
}
