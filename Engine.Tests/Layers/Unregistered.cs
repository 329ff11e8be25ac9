using System.Collections;
using System.Reflection;
using Engine.Layers;
using Buffer = Engine.Layers.Buffer;

namespace Engine.Tests.Layers;

/// <summary>Finds what a layer holds in a field and did not register: nothing would train, move or save it.</summary>
public static class Unregistered
{
    public static IReadOnlyList<string> In(Layer layer)
    {
        var registered = new HashSet<object>(ReferenceEqualityComparer.Instance);
        foreach (var (_, buffer) in layer.State()) registered.Add(buffer);
        foreach (var part in Within(layer)) registered.Add(part);
        var missing = new List<string>();
        for (var type = layer.GetType(); type is not null && type != typeof(Layer); type = type.BaseType)
            foreach (var field in type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
                foreach (object part in Parts(field.GetValue(layer)))
                    if (!registered.Contains(part)) missing.Add($"{layer.GetType().Name}.{field.Name}");
        foreach (var (_, child) in layer.Children) missing.AddRange(In(child));
        return missing;
    }

    /// <summary>The layers within, at any depth: a part may be registered in a part.</summary>
    private static IEnumerable<Layer> Within(Layer layer) => layer.Children.SelectMany(c => Within(c.Value).Prepend(c.Value));

    private static IEnumerable<object> Parts(object? value) => value switch
    {
        Buffer or Layer => [value],
        string => [],
        IEnumerable many => many.Cast<object?>().SelectMany(Parts),
        _ => [],
    };
}
