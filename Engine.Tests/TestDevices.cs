using Engine.Kernels;

namespace Engine.Tests;

/// <summary>Every device that is here, opened once for all tests.</summary>
public static class TestDevices
{
    private static readonly Dictionary<string, Lazy<Device>> Known = Find();

    public static IEnumerable<string> Names => Known.Keys;

    /// <summary>Those held against the reference.</summary>
    public static IEnumerable<string> Compared => Names.Where(name => name != "reference");

    public static Device Get(string name) => Known[name].Value;

    public static ReferenceDevice Reference => (ReferenceDevice)Get("reference");

    private static Dictionary<string, Lazy<Device>> Find()
    {
        var found = new Dictionary<string, Lazy<Device>>
        {
            ["reference"] = new(() => new ReferenceDevice()),
            ["cpu"] = new(() => new CpuDevice(2)),
        };
        // A child process with instruction sets off tries the processor's kernels again, and only those.
        if (Environment.GetEnvironmentVariable("ENGINE_TEST_CPU_ONLY") == "1") return found;
        found["emulated"] = new(GpuDevice.Emulated);
        foreach (var (name, _) in GpuDevice.List()) found[name] = new(() => GpuDevice.Open(name));
        return found;
    }
}

public class DevicesPresentTests
{
    [TestCase("cuda")]
    [TestCase("opencl")]
    public void Devices_OfThisKind_ArePresent(string kind)
    {
        string[] found = [.. TestDevices.Names.Where(n => n.StartsWith(kind, StringComparison.Ordinal))];
        if (found.Length == 0) Assert.Ignore($"{kind}: no such device here; its cases were not run.");
        TestContext.Out.WriteLine(string.Join(", ", found.Select(n => TestDevices.Get(n))));
    }
}
