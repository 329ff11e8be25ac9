using System.Globalization;
using Engine.Core;
using Engine.Kernels;

namespace Engine.Layers;

/// <summary>What a model's layers make and cost. <see cref="ToString"/> gives a table.</summary>
/// <param name="InputShape">What the model was given, the batch included; null where it was not run.</param>
/// <param name="Root">The model, and its layers within.</param>
public sealed record ModelSummary(Shape? InputShape, LayerSummary Root)
{
    /// <summary>Numbers that training may change or leave frozen, shared ones counted once.</summary>
    public long Parameters => Root.Parameters;

    /// <summary>Those that training changes.</summary>
    public long Trainable => Root.Trainable;

    /// <summary>Floating-point operations of one forward pass over the whole batch. An activation within another op's kernel is not counted.</summary>
    public long Flops => Root.Flops;

    /// <summary>A table: a line for each layer with its kind, the shape of its result, its parameters and its work; below it the sums.</summary>
    public override string ToString()
    {
        var rows = new List<string[]> { new[] { "Layer", "Kind", "Output", "Parameters", "MFLOPs" } };
        AddRows(Root, "", rows);
        int[] widths = [.. Enumerable.Range(0, 5).Select(i => rows.Max(r => r[i].Length))];
        var lines = rows.Select(r => string.Join("  ", r.Select((cell, i) => i < 3 ? cell.PadRight(widths[i]) : cell.PadLeft(widths[i]))).TrimEnd()).ToList();
        lines.Insert(1, new string('-', widths.Sum() + 8));
        lines.Add(lines[1]);
        lines.Add(string.Create(CultureInfo.InvariantCulture, $"{Parameters:N0} parameters, {Trainable:N0} trainable, {Parameters - Trainable:N0} frozen; {Root.StateBytes:N0} bytes with buffers"));
        if (InputShape is { } shape) lines.Add(string.Create(CultureInfo.InvariantCulture, $"{Flops / 1e6:N2} MFLOPs forward for an input {shape}"));
        return string.Join('\n', lines);
    }

    private static void AddRows(LayerSummary layer, string indent, List<string[]> rows)
    {
        string kind = layer.Settings.Length == 0 ? layer.Kind : $"{layer.Kind} {layer.Settings}";
        rows.Add([indent + (layer.Name.Length == 0 ? "model" : layer.Name), layer.IsRepeat ? $"{kind} (as above)" : kind, layer.OutputShape?.ToString() ?? "",
            layer.Parameters == 0 ? "" : layer.Parameters.ToString("N0", CultureInfo.InvariantCulture) + (layer.Trainable == 0 ? " frozen" : ""),
            layer.Flops == 0 ? "" : (layer.Flops / 1e6).ToString("N2", CultureInfo.InvariantCulture)]);
        foreach (var child in layer.Children) AddRows(child, indent + "  ", rows);
    }

    /// <summary>Describes a model without running it: no shapes, no work.</summary>
    internal static ModelSummary Of(Layer model) => new(null, Describe(model, "", "", null, Seen(), Seen()));

    /// <summary>Describes a model by what a pass over zeros of that shape went through.</summary>
    internal static ModelSummary Of(Layer model, Shape input, DType dtype)
    {
        var device = model.State().Select(s => s.Value.Value.Device).FirstOrDefault(Device.Cpu);
        var costs = new LayerCosts();
        using var noGrad = NoGrad.Begin();
        using var scope = device.Scope(nameof(Layer.Summary));
        var x = Tensor.Zeros(input, device);
        if (dtype != DType.Float32) x = x.Cast(dtype);
        using (OpWatch.Begin(costs.Add)) model.Forward(x, Pass.Inference.Watched(costs));
        return new(input, Describe(model, "", "", costs, Seen(), Seen()));
    }

    private static HashSet<object> Seen() => new(ReferenceEqualityComparer.Instance);

    private static LayerSummary Describe(Layer layer, string name, string path, LayerCosts? costs, HashSet<object> layers, HashSet<object> buffers)
    {
        var cost = costs?.Of(layer) ?? default;
        if (!layers.Add(layer)) return new(name, path, layer.GetType().Name, layer.SettingsInWords, cost.Output, 0, 0, 0, 0, true, []);
        Buffer[] own = [.. layer.Own.Where(buffers.Add)];
        LayerSummary[] children = [.. layer.Children.Select(c => Describe(c.Value, c.Key, path.Length == 0 ? c.Key : $"{path}.{c.Key}", costs, layers, buffers))];
        return new(name, path, layer.GetType().Name, layer.SettingsInWords, cost.Output,
            own.Where(b => b is Parameter).Sum(b => (long)b.Shape.Count) + children.Sum(c => c.Parameters),
            own.Where(b => b is Parameter { Trainable: true }).Sum(b => (long)b.Shape.Count) + children.Sum(c => c.Trainable),
            own.Sum(b => (long)b.Shape.Count * b.Value.DType.Size()) + children.Sum(c => c.StateBytes),
            cost.Flops + children.Sum(c => c.Flops), false, children);
    }
}

public abstract partial class Layer
{
    /// <summary>What each layer makes and costs for an input of a shape: runs the model once over zeros, as inference, and changes nothing.</summary>
    /// <param name="inputShape">Of the input, the batch included: (1, 1, 28, 28) for one image.</param>
    /// <param name="dtype">Of the input; Int32 for a model that begins with an embedding.</param>
    /// <exception cref="ShapeException">The input does not fit.</exception>
    public ModelSummary Summary(Shape inputShape, DType dtype = DType.Float32) => ModelSummary.Of(this, inputShape, dtype);
}
