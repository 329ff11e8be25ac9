using Engine.Kernels;

namespace Engine.Core;

/// <summary>Compares the gradients of autograd with central differences, in double precision on a reference device.</summary>
/// <remarks>n = (f(x + h) − f(x − h)) / 2h with h = 1e-5 · max(1, |x|); an error of order h² in exact arithmetic.</remarks>
public static class GradientCheck
{
    /// <summary>Checks the gradient of a function of tensors with respect to each of them that requires one.</summary>
    /// <param name="function">Any result; its gradient is weighted with fixed pseudo-random numbers.</param>
    /// <param name="inputs">On a reference device; those marked <see cref="Tensor.WithGrad"/> are checked.</param>
    /// <param name="tolerance">The most that |a − n| may be, relative to max(1, |a|, |n|).</param>
    /// <param name="samples">The most numbers of each input to try, evenly spread.</param>
    /// <returns>The largest |a − n| / max(1, |a|, |n|) found.</returns>
    /// <exception cref="GraphException">It is over the tolerance; the message says where.</exception>
    public static double Run(Func<Tensor[], Tensor> function, Tensor[] inputs, double tolerance = 1e-6, int samples = 64)
    {
        foreach (var x in inputs)
            if (x.Device is not ReferenceDevice) throw new DeviceException($"A gradient check runs in double precision, on a ReferenceDevice, and {x.Describe()} is on {x.Device.Name}.");
        var wanted = inputs.Where(x => x.RequiresGrad).ToArray();
        var y = function(inputs);
        var weights = Weights(y);
        var gradients = Autograd.Gradients((y * weights).Sum(), wanted);
        double worst = 0;
        for (int w = 0; w < wanted.Length; w++)
        {
            int input = Array.IndexOf(inputs, wanted[w]);
            var values = wanted[w].ToArray<double>();
            var analytic = gradients[w].ToArray<double>();
            int step = Math.Max(1, values.Length / samples);
            for (int i = 0; i < values.Length; i += step)
            {
                double size = Math.Abs(values[i]), h = 1e-5 * (size > 1 ? size : 1);      // 1e-5 for NaN too: one that is not read has a difference of 0
                double numeric = (Loss(input, values, i, h) - Loss(input, values, i, -h)) / (2 * h);
                double error = Math.Abs(analytic[i] - numeric) / Math.Max(1, Math.Max(Math.Abs(analytic[i]), Math.Abs(numeric)));
                if (!(error <= tolerance))
                    throw new GraphException($"The gradient of input {input}, {inputs[input].Describe()}, at number {i} is {analytic[i]:R} by autograd and {numeric:R} by central differences: off by {error:E2}.");
                worst = Math.Max(worst, error);
            }
        }
        return worst;

        double Loss(int input, double[] values, int at, double h)
        {
            var moved = (double[])values.Clone();
            moved[at] += h;
            var arguments = (Tensor[])inputs.Clone();
            arguments[input] = Tensor.From(moved, inputs[input].Shape, inputs[input].Device);
            using var noGrad = NoGrad.Begin();
            var result = function(arguments).ToArray<double>();
            var scale = weights.ToArray<double>();
            double sum = 0;
            for (int i = 0; i < result.Length; i++) sum += result[i] * scale[i];
            return sum;
        }
    }

    /// <summary>Numbers in [0.5, 1.5), the same for the same count.</summary>
    internal static Tensor Weights(Tensor y)
    {
        var weights = new double[y.Count];
        for (int i = 0; i < weights.Length; i++) weights[i] = 0.5 + Philox.Uniform(Philox.Word(7, (ulong)i));
        return Tensor.From(weights, y.Shape, y.Device);
    }
}
