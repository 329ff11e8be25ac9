using System.Reflection;
using Engine.Kernels;

namespace Engine.Tests.Conformance;

/// <summary>Every elementwise function's derivative, called as a kernel: an op may have a shorter way back, addition for instance, and the
/// function must be right all the same.</summary>
public class FunctorTests
{
    // One below, at and one above a vector; in [0.5, 2.5) every function is defined.
    private const int Count = 17;
    private const double A = 0.75, B = 1.5;

    public static IEnumerable<TestCaseData> Unary => Each(typeof(IUnaryFunction));

    public static IEnumerable<TestCaseData> Binary => Each(typeof(IBinaryFunction));

    [TestCaseSource(nameof(Unary))]
    public void UnaryFunction_Derivative_MatchesReference(Type function, string device)
        => Assert.That(Derivative(function, TestDevices.Get(device)), Is.EqualTo(Derivative(function, TestDevices.Reference)).Within(1e-4));

    [TestCaseSource(nameof(Binary))]
    public void BinaryFunction_Derivatives_MatchReference(Type function, string device)
        => Assert.That(Derivative(function, TestDevices.Get(device)), Is.EqualTo(Derivative(function, TestDevices.Reference)).Within(1e-4));

    /// <summary>Runs every derivative on a device; the names of the kernels that took.</summary>
    internal static HashSet<string> Derivatives(string name)
    {
        HashSet<string> kernels = [];
        var device = TestDevices.Get(name);
        device.Launched = kernel => kernels.Add(kernel);
        try
        {
            foreach (var function in Functors.Of(typeof(IUnaryFunction)).Concat(Functors.Of(typeof(IBinaryFunction)))) Derivative(function, device);
        }
        finally
        {
            device.Launched = null;
        }
        return kernels;
    }

    private static IEnumerable<TestCaseData> Each(Type kind)
        => from f in Functors.Of(kind)
           from d in TestDevices.Compared
           select new TestCaseData(f, d).SetArgDisplayNames(Functors.Name(f), d);

    private static double[] Derivative(Type function, Device device)
    {
        bool unary = function.IsAssignableTo(typeof(IUnaryFunction));
        var method = typeof(FunctorTests).GetMethod(unary ? nameof(RunUnary) : nameof(RunBinary), BindingFlags.Static | BindingFlags.NonPublic)!;
        return (double[])method.MakeGenericMethod(function).Invoke(null, [device])!;
    }

    private static double[] RunUnary<F>(Device device) where F : struct, IUnaryFunction
    {
        View v = Numbers(device, 1), dy = Numbers(device, 2), dx = Numbers(device, 3);
        device.UnaryBackward<F>(v, dy, dx, A, B);
        return Read(dx);
    }

    private static double[] RunBinary<F>(Device device) where F : struct, IBinaryFunction
    {
        View a = Numbers(device, 1), b = Numbers(device, 2), dy = Numbers(device, 3), da = Numbers(device, 4), db = Numbers(device, 5);
        var along = new Axes(0, 0, 0, 0, 0, 1);
        var sizes = new BinarySizes(new Axes(1, 1, 1, 1, 1, Count), along, along);
        device.BinaryBackward<F>(a, b, dy, da, sizes, second: false);
        device.BinaryBackward<F>(a, b, dy, db, sizes, second: true);
        return [.. Read(da), .. Read(db)];
    }

    private static View Numbers(Device device, ulong seed)
    {
        var values = new double[Count];
        for (int i = 0; i < Count; i++) values[i] = 0.5 + 2 * Philox.Uniform(Philox.Word(seed, (ulong)i));
        var view = new View(device.Allocate(DType.Float32, Count));
        device.Upload(values, view);
        return view;
    }

    private static double[] Read(View view)
    {
        var values = new double[view.Length];
        view.Device.Download(view, values.AsSpan());
        return values;
    }
}
