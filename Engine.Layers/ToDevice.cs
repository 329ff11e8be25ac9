using Engine.Kernels;

namespace Engine.Layers;

/// <summary>Moving layers between devices.</summary>
public static class ToDevice
{
    /// <summary>Moves every parameter and buffer to a device, in place.</summary>
    /// <returns>The same layer, under its own type.</returns>
    public static T To<T>(this T layer, Device device) where T : Layer
    {
        ArgumentNullException.ThrowIfNull(device);
        foreach (var (_, buffer) in layer.State()) buffer.To(device);
        return layer;
    }
}
