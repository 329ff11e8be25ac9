using System.Diagnostics;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Engine.Tests.Conformance;

namespace Engine.Tests.Children;

/// <summary>What the tests run in processes of their own; the test host never comes here.</summary>
internal static class Program
{
    public static int Main(string[] arguments)
    {
        try
        {
            return arguments switch
            {
                ["conformance", var instructions] => Conformance(instructions),
                ["collect", var device, var list] => Collecting.Run(device, File.ReadAllLines(list)),
                ["oclgrind", var list] => UnderOclgrind(File.ReadAllLines(list)),
                ["fault", var fault] => PlantedFaults.Run(fault),
                _ => throw new ArgumentException("Commands: conformance <instructions>, collect <device> <list of cases>, oclgrind <list of cases>, fault <name>. Run the tests with: dotnet test -c Release"),
            };
        }
        catch (Exception e)
        {
            Console.WriteLine(e);
            return 2;
        }
    }

    /// <summary>Every case on the processor, the functions' stated errors and special values, with the instruction sets that the environment left.</summary>
    private static int Conformance(string instructions)
    {
        bool asSaid = instructions switch
        {
            "no-avx512" => !Vector512.IsHardwareAccelerated && !Avx512F.IsSupported,
            "no-avx2" => !Vector256.IsHardwareAccelerated && !Avx2.IsSupported && !Fma.IsSupported && !Avx512F.IsSupported,
            "none" => !Vector128.IsHardwareAccelerated && !Sse2.IsSupported && !Avx2.IsSupported,
            "all" => true,
            _ => throw new ArgumentException(instructions),
        };
        if (!asSaid) throw new InvalidOperationException($"The environment did not bring '{instructions}': the process has {Kernels.CpuDevice.Instructions}.");
        Console.WriteLine($"{instructions}: {Kernels.CpuDevice.Instructions}");
        foreach (var c in UlpTests.Cases) Console.WriteLine(UlpTests.MustBeWithinItsBound(c));
        var values = new ElementwiseValueTests();
        foreach (string name in ElementwiseValueTests.UnaryNames) values.Unary_OfSpecialValues_IsTheReferences(name, "cpu");
        values.Tails_AreRight("cpu");
        return RunCases(ConformanceTests.Cases, "cpu");
    }

    /// <summary>Cases on the simulator, which the environment made the only OpenCL device.</summary>
    private static int UnderOclgrind(string[] names)
    {
        var device = TestDevices.Get("opencl:0");
        Console.WriteLine(device);
        if (!device.Description.Contains("Oclgrind")) throw new InvalidOperationException("The OpenCL device is not Oclgrind.");
        // Oclgrind 21.10 keeps no record of a block past the size of the last upload to it, so no block may be used twice.
        device.Pool.Recycles = false;
        long told = 0;
        return RunCases(ConformanceTests.Cases.Where(c => names.Contains(c.Name)), device.Name, () =>
        {
            string log = Oclgrind.Log();
            string found = log[(int)told..];
            told = log.Length;
            Assert.That(found, Is.Empty);
        });
    }

    private static int RunCases(IEnumerable<OpCase> cases, string device, Action? afterEach = null)
    {
        int passed = 0, failed = 0;
        var clock = Stopwatch.StartNew();
        var seconds = new List<(double Seconds, string Name)>();
        foreach (var c in cases)
        {
            double begin = clock.Elapsed.TotalSeconds;
            try
            {
                ConformanceTests.AssertClose(CaseRuns.Get(c, device), CaseRuns.Get(c, "reference"), c);
                afterEach?.Invoke();
                passed++;
            }
            catch (Exception e)
            {
                Console.WriteLine($"FAILED {c.Name} on {device}: {e.Message}");
                failed++;
            }
            seconds.Add((clock.Elapsed.TotalSeconds - begin, c.Name));
        }
        Console.WriteLine("slowest: " + string.Join(", ", seconds.OrderDescending().Take(5).Select(s => $"{s.Name} {s.Seconds:F1} s")));
        Console.WriteLine($"{passed} cases passed and {failed} failed on {device} in {clock.Elapsed.TotalSeconds:F1} s");
        return passed > 0 && failed == 0 ? 0 : 1;
    }
}
