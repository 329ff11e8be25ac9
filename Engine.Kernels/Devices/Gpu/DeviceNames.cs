using System.Globalization;

namespace Engine.Kernels;

public sealed partial class GpuDevice
{
    /// <summary>Opens a device by its name: <c>cpu</c>, <c>reference</c>, <c>cuda:0</c>, <c>opencl:0</c>, <c>emulated</c>.</summary>
    /// <param name="name">The name; <c>cuda</c> and <c>opencl</c> alone mean the first one.</param>
    /// <param name="threads">Threads of <c>cpu</c>; 0 means one for each core.</param>
    /// <exception cref="DeviceException">Nothing has that name, or it is not there.</exception>
    public static Device Open(string name, int threads = 0)
    {
        string[] parts = name.Trim().ToLowerInvariant().Split(':');
        int index = 0;
        bool known = parts.Length == 1 || (parts.Length == 2 && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out index));
        return (known ? parts[0] : "") switch
        {
            "cpu" when parts.Length == 1 => threads == 0 ? Cpu : new CpuDevice(threads),
            "reference" when parts.Length == 1 => new ReferenceDevice(),
            "emulated" when parts.Length == 1 => Emulated(),
            "cuda" => Cuda(index),
            "opencl" => OpenCl(index),
            _ => throw new DeviceException($"No device is called '{name}'. Names are: cpu, reference, cuda:0, opencl:0 (or another index), emulated."),
        };
    }
}
